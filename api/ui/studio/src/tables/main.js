// The page of decision tables: dmn-js over one file of the draft, with what the engine itself says about it.
import '../shared/styles.js';
import { DraftFile } from '../shared/saving.js';
import { identified, modelerIn, ruleFor, wholeGraph } from './canvas.js';
import { draw } from './marks.js';
import { element, listFindings, showRule } from './panels.js';
import { rowsOf, withRules } from './paste.js';
import { TestRows } from './tests.js';
import { mend } from './translate.js';

const PAUSE = 350;
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const [settings, words] = ['settings', 'words'].map(read);
const byId = (id) => document.getElementById(id);

function say(key, values = {}) {
  return (words[`tables.${key}`] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '…');
}

class Page {
  constructor() {
    this.modeler = null;
    this.answer = { findings: [], decisions: [], tests: [], refused: null };
    this.asking = 0;
    const common = { process: settings.process, words, version: settings.version };
    this.file = new DraftFile({ ...common, path: settings.path, status: byId('saving'), replace: (text) => this.show(text) });
    this.testFile = new DraftFile({ ...common, path: settings.tests, status: byId('saving-tests'), replace: (text) => this.tests.read(text) });
    this.tests = new TestRows({
      root: byId('tests'),
      say,
      editable: settings.editable,
      fresh: () => this.check(),
      changed: () => { this.testFile.edit(this.tests.write()); this.checkSoon(); },
    });
    byId('tests').querySelector('[data-act=add]')?.addEventListener('click', () => this.tests.add());
    byId('source').addEventListener('input', () => this.typed(byId('source').value));
    byId('editor').addEventListener('focusin', (event) => this.entered(event.target));
    byId('editor').addEventListener('click', (event) => this.entered(event.target));
    new MutationObserver(() => {
      cancelAnimationFrame(this.mending);
      this.mending = requestAnimationFrame(() => mend(byId('editor'), words, !settings.editable));
    }).observe(byId('editor'), { childList: true, subtree: true });
    this.bar();
  }

  bar() {
    const on = (act, listener) => document.querySelector(`[data-act=${act}]`)?.addEventListener('click', listener);
    on('undo', () => this.command('undo'));
    on('redo', () => this.command('redo'));
    on('text', () => this.turnText());
    on('paste', () => byId('paste').showModal());
    on('remove', () => byId('removing').showModal());
    on('removing-yes', () => this.remove());
    on('paste-yes', () => this.paste());
    for (const close of document.querySelectorAll('dialog [data-act=close]')) {
      close.addEventListener('click', () => close.closest('dialog').close());
    }
  }

  async start() {
    try {
      const [text, tests] = await Promise.all([this.file.load(), settings.tested ? this.testFile.load() : null]);
      this.tests.read(tests);
      await this.show(text ?? '');
    } catch (fault) {
      byId('editor').replaceChildren(element('p', say('not-loaded', { reason: fault.message }), 'alert error'));
    }
    // What scrolls must be reached by keys, also where nothing in it can be written.
    for (const one of document.querySelectorAll('.tjs-table-container')) one.tabIndex = 0;
    document.body.dataset.tables = 'ready';
  }

  // --- what is edited -----------------------------------------------------------------------------------------------

  /** Shows a file's text: as tables where the editor can take it, else as text. */
  async show(text) {
    this.text = text;
    const told = await this.ask('picture', { text });
    if (told.refused) {
      this.turnText(true, told.refused);
    } else {
      try {
        await this.open(told.xml);
        this.turnText(false);
      } catch (fault) {
        this.turnText(true, { sentence: say('editor-fails'), reason: String(fault.message ?? fault) });
      }
    }
    await this.check();
  }

  async open(xml) {
    const told = { changed: () => this.changed(), views: (views, active) => this.views(views, active) };
    this.modeler ??= modelerIn(byId('editor'), { words, editable: settings.editable, ...told });
    const shown = this.modeler.getActiveView()?.id ?? decodeURIComponent(location.hash.slice(1));
    // What the editor warns of it would leave out when it saves: such a file is not opened in it.
    const { warnings } = await this.modeler.importXML(xml, { open: false });
    if (warnings.length) throw new Error(warnings.map((one) => one.message ?? String(one)).join('\n'));
    if (identified(this.modeler.getDefinitions())) this.text = (await this.modeler.saveXML({ format: true })).xml;
    const views = this.modeler.getViews();
    const tables = views.filter((one) => one.type === 'decisionTable');
    const view = views.find((one) => one.id === shown) ?? tables[0] ?? views.find((one) => one.type !== 'drd') ?? views[0];
    await this.modeler.open(view);
  }

  /** A view's buttons: the graph, then each decision. */
  views(views, active) {
    byId('views').replaceChildren(...views.map((view) => {
      const button = element('button', view.type === 'drd' ? say('graph') : view.name || view.id);
      button.type = 'button';
      button.dataset.view = view.id;
      if (active?.id === view.id) button.setAttribute('aria-current', 'true');
      button.addEventListener('click', () => this.go({ decision: view.id, cells: [] }));
      return button;
    }), ...this.undrawn(views));
    if (active && active.type !== 'drd') history.replaceState(null, '', `#${encodeURIComponent(active.id)}`);
    byId('editor').dataset.view = active?.type ?? '';
    if (active?.id !== this.activeId) {
      this.activeId = active?.id;
      this.rule = null;
      byId('row').replaceChildren(element('p', say('row-none'), 'quiet'));
    }
    const model = this.modeler.getDefinitions();
    if (active?.type === 'drd' && this.fitted !== model && wholeGraph(this.modeler)) this.fitted = model;
    this.draw();
  }

  /** Buttons of the decisions that the editor cannot draw (contexts, lists ...): they lead into the text. */
  undrawn(views) {
    const all = this.modeler.getDefinitions()?.get('drgElement') ?? [];
    const left = all.filter((one) => one.$type === 'dmn:Decision' && one.decisionLogic && !views.some((view) => view.id === one.id));
    return left.map((one) => {
      const button = element('button', say('undrawn', { name: one.name || one.id }));
      button.type = 'button';
      button.dataset.undrawn = one.id;
      button.addEventListener('click', () => this.goText(one.id));
      return button;
    });
  }

  async goText(decision) {
    await this.turnText(true);
    const source = byId('source');
    const at = source.value.search(new RegExp(`<(\\w+:)?decision\\s[^>]*id="${decision}"`));
    if (at >= 0) {
      source.focus();
      source.setSelectionRange(at, source.value.indexOf('>', at) + 1);
      source.scrollTop = (source.value.slice(0, at).split('\n').length - 2) * parseFloat(getComputedStyle(source).lineHeight);
    }
    this.activeId = decision;
    this.rule = null;
    byId('row').replaceChildren(element('p', say('row-none'), 'quiet'));
    this.draw();
  }

  async changed() {
    clearTimeout(this.changing);
    this.changing = setTimeout(async () => {
      const { xml } = await this.modeler.saveXML({ format: true });
      this.typed(xml);
    }, 50);
  }

  typed(text) {
    this.text = text;
    if (settings.editable) this.file.edit(text);
    this.checkSoon();
  }

  command(name) {
    const viewer = this.modeler?.getActiveViewer();
    const stack = viewer?.get('commandStack');
    if (name === 'undo' ? stack?.canUndo() : stack?.canRedo()) stack[name]();
  }

  /** Changes between the drawn editor and the file's text. */
  async turnText(wanted = byId('source').hidden, refused = null) {
    const source = byId('source');
    if (source.hidden === !wanted && !refused) return;
    source.hidden = !wanted;
    byId('editor').hidden = wanted;
    byId('views').hidden = wanted;
    document.querySelector('[data-act=text]').setAttribute('aria-pressed', String(wanted));
    const why = byId('why-text');
    why.hidden = !refused;
    why.replaceChildren();
    if (refused) why.append(element('strong', refused.sentence), element('p', refused.reason ?? '', 'small'), element('p', say('text-kept')));
    if (wanted) source.value = this.text;
    else if (source.dataset.shown) await this.show(source.value);
    source.dataset.shown = wanted ? 'yes' : '';
  }

  async remove() {
    if (await this.file.remove()) {
      if (settings.tested || this.testFile.sha) await this.testFile.remove();
      location.href = `/studio/${settings.process}/tables`;
    }
  }

  /** Adds rules from rows of a spreadsheet that were pasted. */
  async paste() {
    const view = this.modeler?.getActiveView();
    const found = rowsOf(byId('pasted').value);
    const told = view?.type === 'decisionTable' ? withRules(this.modeler, view.element, found, byId('paste-replace').checked) : { fault: 'paste-no-table' };
    byId('paste-fault').textContent = told.fault ? say(told.fault, told) : '';
    if (told.fault) return;
    byId('paste').close();
    const { xml } = await this.modeler.saveXML({ format: true });
    this.typed(xml);
    await this.open(xml);
    await this.check();
  }

  // --- what the engine says -----------------------------------------------------------------------------------------

  async ask(what, data) {
    const answer = await fetch(`/studio/${settings.process}/tables/${what}${settings.version ? `?version=${settings.version}` : ''}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(data),
    });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  }

  checkSoon() {
    clearTimeout(this.checking);
    byId('findings').setAttribute('aria-busy', 'true');
    this.checking = setTimeout(() => this.check(), PAUSE);
  }

  async check() {
    clearTimeout(this.checking);
    const number = (this.asking += 1);
    byId('findings').setAttribute('aria-busy', 'true');
    try {
      const answer = await this.ask('check', { text: this.text, tests: this.tests.write() });
      if (number !== this.asking) return;
      // A table in the middle of being typed keeps what was known of it.
      this.answer = answer.refused ? { ...answer, decisions: this.answer.decisions, tests: [] } : answer;
      this.draw();
      byId('findings').setAttribute('aria-busy', 'false');
      if (this.rule) this.tell(this.rule);
    } catch {
      if (number === this.asking) this.checking = setTimeout(() => this.check(), 4000);
    }
  }

  draw() {
    const { answer } = this;
    listFindings(byId('findings'), answer, {
      say,
      go: (finding) => this.go(finding),
      fill: settings.editable ? (finding) => this.fill(finding) : null,
    });
    draw(answer.findings.filter((one) => one.decision === this.activeId && one.severity !== 'info'), (one) => words[`tables.tag.${one.code}`] ?? '');
    this.tests.show(answer.decisions.find((one) => one.id === this.activeId) ?? null);
    this.tests.take(answer.tests);
  }

  /** Opens the decision of a finding and goes to its first cell. */
  async go({ decision, cells }) {
    const view = this.modeler?.getViews().find((one) => one.id === decision);
    if (view && this.modeler.getActiveView()?.id !== decision) await this.modeler.open(view);
    const cell = cells.map((one) => byId('editor').querySelector(`[data-element-id="${CSS.escape(one)}"], th[data-col-id="${CSS.escape(one)}"]`)).find(Boolean);
    cell?.scrollIntoView({ block: 'center', inline: 'center' });
    (cell?.querySelector('[tabindex="0"]') ?? cell)?.focus?.();
  }

  /** Adds a rule for a gap, its cells filled with what no rule covers. */
  async fill(finding) {
    await this.go({ decision: finding.decision, cells: [] });
    const first = ruleFor(this.modeler.getActiveViewer(), finding.where);
    requestAnimationFrame(() => this.go({ decision: finding.decision, cells: [first] }));
  }

  entered(target) {
    const row = target.closest?.('[data-row-id]')?.dataset.rowId;
    const view = this.modeler?.getActiveView();
    if (!row || view?.type !== 'decisionTable') return;
    const at = view.element.decisionLogic.get('rule').findIndex((one) => one.id === row);
    if (at >= 0) this.tell({ decision: view.id, rule: at + 1 });
  }

  async tell(rule) {
    if (rule.decision !== this.activeId) return;
    this.rule = rule;
    const number = (this.telling = (this.telling ?? 0) + 1);
    try {
      const told = await this.ask('told', { text: this.text, ...rule });
      if (number === this.telling && !told.refused) showRule(byId('row'), told, say);
    } catch { /* told again with the next change */ }
  }
}

if (settings.path) {
  const page = new Page();
  globalThis.studioTables = page;
  page.start();
}
