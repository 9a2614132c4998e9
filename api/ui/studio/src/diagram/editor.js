/** Puts the parts of the page together: which file is open, what is selected, what is saved, and how plugins reach it. */
import { DraftFile } from '../shared/saving.js';
import { parseXml, losses, restore } from '../model/keeper.js';
import { faultOf, withListsAsSettings } from '../model/reading.js';
import { freeId, getBusinessObject, holderOf, is, settingNames, writers } from '../model/settings.js';
import { tidy } from '../model/tidy.js';
import { canvasIn, fit } from './canvas.js';
import { h, later } from './dom.js';
import { elementList } from './elements.js';
import { taken } from './factory.js';
import { blank, fetching } from './files.js';
import { findingsOf } from './findings.js';
import { paletteByKeys } from './keyboard.js';
import { panel } from './panel/panel.js';
import { pictures } from './pictures.js';
import { renamed } from './renaming.js';
import { snippetsOf } from './snippets.js';
import { templates } from './templates.js';
import { textView } from './text.js';
import { titleOf } from './titles.js';
import { toolbar } from './toolbar.js';
import { speaking } from './translate.js';

const $ = (id) => document.getElementById(id);
const WAIT_MS = 600;

export class Editor {
  constructor(page, words) {
    const missing = new Set();
    Object.assign(this, { page, words, missing, lost: [], listeners: new Map(), text: '' });
    this.say = speaking(words, missing);
    this.modeler = canvasIn($('canvas'), { editable: page.editable, words, missing });
    this.studio = this.makeStudio();
    this.write = later(WAIT_MS, () => this.saveModel());
  }

  /** What panels, lists and plugins get to work with. */
  makeStudio() {
    const { modeler, page, words, missing, say } = this;
    const registry = () => modeler.get('elementRegistry');
    const studio = {
      modeler, words, missing, say, editable: page.editable, process: page.process, language: page.language, version: page.version,
      path: () => page.path, choices: {}, settingNames,
      write: page.editable ? writers(modeler) : new Proxy({}, { get: () => () => {} }),
      element: (id) => registry().get(id),
      select: (element, focus = false) => this.select(element, focus),
      titleOf: (element) => titleOf(element, (one) => this.typeOf(one)),
      typeOf: (element) => this.typeOf(element),
      lanes: () => registry().filter((one) => is(one, 'bpmn:Lane') && !one.children?.some((inner) => is(inner, 'bpmn:Lane'))),
      tasks: (but) => this.named((one) => is(one, 'bpmn:UserTask') || is(one, 'bpmn:ManualTask'), but),
      activities: (but) => this.named((one) => is(one, 'bpmn:Activity'), but),
      targets: (from) => registry().filter((one) => one !== from && !one.labelTarget && one.parent === from.parent && modeler.get('rules', false)?.allowed('connection.create', { source: from, target: one, hints: {} })),
      roots: (type) => (modeler.getDefinitions()?.rootElements ?? []).filter((one) => is(one, type)),
      snippets: (name) => snippetsOf(name, say),
      wrongId: (element, id) => this.wrongId(element, id),
      rename: (element, id) => renamed(studio, element, id),
      freeId: (wished) => freeId(modeler, wished),
      makeForm: (element, like) => this.makeForm(element, like),
      addPart: (id) => this.addFiles(`parts/${encodeURIComponent(id)}`),
      addFiles: (what, body) => this.addFiles(what, body),
      focusList: () => $('tab-elements').focus(),
      place: (name) => $(`place-${name}`),
      on: (event, act) => { this.listeners.set(event, [...(this.listeners.get(event) ?? []), act]); },
      emit: (event, told) => { for (const act of this.listeners.get(event) ?? []) act(told); },
      /** The model as it would be saved now. */
      xml: () => this.xml(),
      /** Everything typed is handed over and saved; false where that failed. */
      flush: () => this.flush(),
      tell: (sentence, kind) => this.tell(sentence, kind),
      reloadChoices: () => this.loadChoices(),
    };
    return studio;
  }

  async start() {
    const { studio } = this;
    await this.loadChoices();
    this.panel = panel(studio, $('side-settings'));
    studio.panel = this.panel;
    this.list = elementList(studio, $('side-elements'));
    this.textView = textView(studio, this);
    this.findings = findingsOf(studio, { list: $('side-findings'), count: $('findings-count') });
    studio.findings = this.findings;
    templates(studio);
    pictures(studio);
    toolbar(studio, this);
    if (this.page.editable) paletteByKeys(studio);
    this.listen();
    await this.open(this.page.path);
  }

  async loadChoices() {
    const none = { articles: [], parameters: [], roles: [], rights: {}, forms: [], papers: [], notices: [], decisions: [], parts: [], operations: [], messages: [], verbs: [], ids: {} };
    let told = {};
    try {
      const answer = await fetch(`/studio/${this.page.process}/diagram/choices${this.page.version ? `?version=${this.page.version}` : ''}`);
      if (answer.ok) told = await answer.json();
    } catch { /* offline: what can be chosen stays what it was */ }
    // One object for as long as the page stands: fields hold on to it.
    Object.assign(this.studio.choices, { ...none, ...this.studio.choices, ...told });
    taken.clear();
    for (const [path, ids] of Object.entries(this.studio.choices.ids)) if (path !== this.page.path) for (const id of ids) taken.add(id);
  }

  listen() {
    const { modeler, studio } = this;
    const bus = modeler.get('eventBus');
    bus.on('selection.changed', ({ newSelection }) => { this.panel.commit(); this.panel.show(this.selected(newSelection)); this.list.mark(); studio.emit('selection', newSelection); });
    bus.on('commandStack.changed', () => { this.panel.refresh(); this.list.later(); this.changed = true; this.write(); studio.emit('changed'); });
    window.addEventListener('pagehide', () => { this.panel.commit(); this.write.now(); });
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 's') { event.preventDefault(); this.flush(); }
    });
  }

  /** What the settings are about: the one selected element, else the process. */
  selected(selection = this.modeler.get('selection').get()) {
    const [only] = selection;
    if (selection.length > 1) return null;
    const found = (only?.labelTarget ?? only) ?? this.modeler.get('canvas').getRootElement();
    // Before a model is there the canvas has a root that stands for nothing.
    return getBusinessObject(found)?.$type ? found : null;
  }

  // ---- files

  async open(path) {
    this.page.path = path;
    this.file = new DraftFile({
      process: this.page.process, path, words: this.words, status: $('diagram-state'), version: this.page.version,
      replace: (text) => this.show(text), fetching,
    });
    this.file.on((state) => { if (state === 'saved') { this.findings.load(); this.studio.emit('saved'); } });
    let text = null;
    try {
      text = await this.file.load();
    } catch (error) {
      return this.tell(error.message, 'error');
    }
    await this.show(text ?? (this.page.editable ? blank(this.page) : ''));
    this.findings.load();
  }

  /** Put a text on the canvas; what is no BPMN is told with its line and can be edited as text. */
  async show(text) {
    this.text = text;
    this.changed = false;
    this.write.drop();
    this.lost = [];
    this.tell('');
    const fault = faultOf(text);
    if (fault) return this.broken(text, fault);
    try {
      const { warnings } = await this.modeler.importXML(withListsAsSettings(text));
      this.warnings = warnings;
    } catch (error) {
      const drawn = /no diagram to display|no process or collaboration/i.test(error.message);
      return this.broken(text, { code: drawn ? 'undrawn' : 'unreadable', line: Number(/line: (\d+)/.exec(error.message)?.[1] ?? 0) + 1, values: { reason: error.message } });
    }
    await this.noteLosses(text);
    this.textView.close();
    $('canvas').hidden = false;
    fit(this.modeler, this.page.editable ? 110 : 40, 0.55);
    this.planes();
    this.list.fill();
    this.panel.show(this.selected());
    this.studio.emit('opened', { path: this.page.path });
    return true;
  }

  broken(text, fault) {
    this.modeler.clear();
    $('canvas').hidden = true;
    this.panel.show(null);
    this.list.fill();
    const sentence = this.say(`fault-${fault.code}`, { line: fault.line, ...fault.values });
    this.textView.open(text, sentence, fault.line);
    if (fault.code === 'undrawn' && this.page.editable) this.tell(sentence, 'error', [this.say('draw-it'), () => this.draw(text)]);
    return false;
  }

  /** Let the server place the elements of a model that came without a picture. */
  async draw(text) {
    const answer = await fetch(`/studio/${this.page.process}/diagram/drawn`, { method: 'POST', body: text, headers: { 'content-type': 'application/octet-stream' } });
    if (!answer.ok) return this.tell((await answer.json().catch(() => ({}))).sentence ?? this.say('not-drawn'), 'error');
    const drawn = await answer.text();
    if (await this.show(drawn)) this.file.edit(drawn);
    return true;
  }

  /** What the canvas cannot hold is noted once, and put back into every text that is saved. */
  async noteLosses(text) {
    const before = parseXml(withListsAsSettings(text)).document;
    const after = parseXml((await this.modeler.saveXML({ format: true })).xml).document;
    this.lost = before && after ? losses(before, after) : [];
  }

  async xml() {
    if (this.textView.shown) return this.textView.value();
    if (!this.changed) return this.text;
    return restore(tidy((await this.modeler.saveXML({ format: true })).xml), this.lost);
  }

  async saveModel() {
    if (!this.page.editable || this.textView.shown) return;
    this.text = await this.xml();
    this.file.edit(this.text);
  }

  async flush() {
    this.panel.commit();
    this.write.drop();
    if (this.changed) await this.saveModel();
    return this.file.flush();
  }

  // ---- selection and words

  select(element, focus) {
    const found = typeof element === 'string' ? this.modeler.get('elementRegistry').get(element) : element;
    if (!found) return false;
    const canvas = this.modeler.get('canvas');
    const root = canvas.findRoot(found);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    this.modeler.get('selection').select(found);
    // The lower right corner is the logo's; nothing of ours may lie on it.
    canvas.scrollToElement(found, { top: 60, left: 140, right: 180, bottom: 160 });
    if (focus) { this.tab('settings'); $('side-settings').querySelector('input, select, textarea, [contenteditable]')?.focus(); }
    return true;
  }

  tab(name) { $(`tab-${name}`).click(); }

  named(fits, but) {
    return this.modeler.get('elementRegistry').filter((one) => !one.labelTarget && one !== but && fits(one))
      .map((one) => ({ id: getBusinessObject(one).id, title: getBusinessObject(one).name ?? '' }));
  }

  typeOf(element) {
    const object = getBusinessObject(element);
    if (object.triggeredByEvent) return this.say('type-EventSubProcess');
    const [definition] = object.eventDefinitions ?? [];
    const kind = definition ? `-${definition.$type.slice(5).replace('EventDefinition', '')}` : '';
    return this.say(`type-${object.$type.slice(object.$type.indexOf(':') + 1)}${kind}`);
  }

  wrongId(element, id) {
    if (id === holderOf(element).id) return '';
    if (!/^[A-Za-z_][\w.-]*$/.test(id)) return this.say('id-wrong');
    if (this.modeler.get('elementRegistry').get(id) || this.modeler.get('moddle').ids.assigned(id) || taken.has(id)) return this.say('id-taken');
    return '';
  }

  /** The diagrams inside one file: other tools draw several, and collapsed sub-processes have planes of their own. */
  planes() {
    const { diagrams = [] } = this.modeler.getDefinitions();
    const select = $('diagram-plane');
    const canvas = this.modeler.get('canvas');
    const roots = canvas.getRootElements();
    const own = roots.length > 1 || diagrams.length > 1;
    select.hidden = !own;
    if (!own) return;
    select.replaceChildren(...roots.map((root) => h('option', { value: root.id, text: getBusinessObject(root)?.name || getBusinessObject(root)?.id || root.id, selected: root === canvas.getRootElement() })));
    select.onchange = () => { canvas.setRootElement(roots.find((one) => one.id === select.value)); fit(this.modeler); this.panel.show(this.selected()); };
  }

  // ---- what needs the server

  async makeForm(element, like) {
    const { id } = getBusinessObject(element);
    await this.addFiles(`forms/${encodeURIComponent(id)}`, { title: getBusinessObject(element).name ?? id, like });
  }

  /** Ask the server to add files to the draft, then learn what can be chosen now. */
  async addFiles(what, body = {}) {
    // What is not saved yet would meet the new files half-way.
    if (!(await this.flush())) { this.tell(this.say('not-saved'), 'error'); return null; }
    try {
      const answer = await fetch(`/studio/${this.page.process}/diagram/${what}`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify(body) });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) { this.tell(told.sentence ?? told.detail ?? this.say('not-added'), 'error'); return null; }
      await this.loadChoices();
      this.panel.refresh();
      this.findings.load();
      if (told.sentence) this.tell(told.sentence, 'done');
      return told;
    } catch {
      this.tell(this.say('not-added'), 'error');
      return null;
    }
  }

  tell(sentence, kind = 'error', action = null) {
    const told = $('diagram-told');
    told.hidden = !sentence;
    told.className = `alert ${kind}`;
    told.replaceChildren(h('span', { text: sentence }), ...(action ? [' ', h('button', { type: 'button', text: action[0], onclick: action[1] })] : []),
      h('button', { type: 'button', class: 'plain', text: this.say('close'), onclick: () => { told.hidden = true; } }));
  }
}
