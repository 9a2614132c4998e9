// The grid of test rows below a table: inputs typed, what must come out, what did come out and why.
import { fromFeel, toFeel } from './values.js';

export class TestRows {
  constructor({ root, say, editable, changed, fresh }) {
    Object.assign(this, { root, say, editable, changed, fresh });
    this.rows = [];
    this.results = [];
    this.decision = null;
  }

  /** Takes the file's text (null: there is none). */
  read(text) {
    try {
      this.rows = JSON.parse(text ?? '{"rows": []}').rows ?? [];
      this.broken = false;
    } catch {
      this.rows = [];
      this.broken = true;
    }
    this.draw();
  }

  /** The file's text. */
  write() {
    return `${JSON.stringify({ rows: this.rows }, null, 1)}\n`;
  }

  /** Shows the rows of a decision, as the server described it. */
  show(decision) {
    const before = JSON.stringify(this.decision);
    this.decision = decision;
    if (before !== JSON.stringify(decision)) this.draw();
  }

  /** Takes what the rows came to, in the order of the file. */
  take(results) {
    this.results = results;
    this.rows.forEach((row, at) => this.result(at));
    this.sum();
  }

  mine() {
    return this.rows.map((row, at) => [row, at]).filter(([row]) => this.decision && row.decision === this.decision.id);
  }

  add(inputs = {}) {
    if (!this.decision) return;
    this.rows.push({ decision: this.decision.id, inputs, title: '', on: today() });
    this.changed();
    this.draw();
    this.root.querySelector('tbody tr:last-child input')?.focus();
  }

  draw() {
    const table = this.root.querySelector('table');
    table.replaceChildren();
    const asked = this.decision?.asked ?? [];
    const heads = [this.say('test-title'), ...asked.map((one) => one.label), this.say('test-expected'), this.say('test-expected-rules'), this.say('test-came'), this.say('test-acts')];
    const head = table.createTHead().insertRow();
    heads.forEach((text, at) => {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = text;
      if (asked[at - 1]) cell.title = asked[at - 1].text;
      head.append(cell);
    });
    const body = table.createTBody();
    for (const [row, at] of this.mine()) body.append(this.line(row, at, asked));
    table.hidden = !this.mine().length;
    this.root.querySelector('[data-empty]').hidden = this.mine().length > 0 || !this.decision;
    this.root.querySelector('[data-none]').hidden = Boolean(this.decision);
    for (const button of this.root.querySelectorAll('[data-act]')) button.disabled = !this.editable || !this.decision || this.broken;
    this.sum();
  }

  line(row, at, asked) {
    const line = document.createElement('tr');
    line.dataset.at = at;
    const field = (label, value, take, options = []) => {
      const cell = line.insertCell();
      const input = document.createElement('input');
      input.value = value;
      input.readOnly = !this.editable;
      input.setAttribute('aria-label', this.say('test-field', { label, row: this.mine().findIndex(([, one]) => one === at) + 1 }));
      if (options.length) input.setAttribute('list', this.list(options));
      input.addEventListener('input', () => { take(input.value); this.changed(); });
      cell.append(input);
      return input;
    };
    field(this.say('test-title'), row.title ?? '', (text) => { row.title = text; });
    for (const one of asked) {
      const known = row.inputs[one.key] ?? row.inputs[one.label] ?? row.inputs[one.text] ?? '';
      field(one.label, fromFeel(known, one.type, this.say), (text) => {
        for (const key of [one.label, one.text]) if (key !== one.key) delete row.inputs[key];
        const feel = toFeel(text, one.type);
        if (feel) row.inputs[one.key] = feel; else delete row.inputs[one.key];
      }, one.type === 'boolean' ? [this.say('yes'), this.say('no')] : one.choices);
    }
    field(this.say('test-expected'), row.result ?? '', (text) => {
      if (text.trim()) row.result = text.trim(); else delete row.result;
    });
    const rules = field(this.say('test-expected-rules'), (row.rules ?? []).join(', '), (text) => {
      const found = text.split(/[\s,，、]+/).filter((one) => /^\d+$/.test(one)).map(Number);
      if (text.trim()) row.rules = found; else delete row.rules;
    });
    rules.inputMode = 'numeric';
    line.insertCell().className = 'came';
    const acts = line.insertCell();
    if (this.editable) {
      acts.append(
        this.button('test-accept', () => this.accept(row, at)),
        this.button('test-remove', () => { this.rows.splice(at, 1); this.results.splice(at, 1); this.changed(); this.draw(); this.take(this.results); }),
      );
    }
    this.result(at, line);
    return line;
  }

  button(key, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'plain';
    made.textContent = this.say(key);
    made.addEventListener('click', act);
    return made;
  }

  list(options) {
    const id = `choices-${options.join('-').replace(/[^\w\u4e00-\u9fff-]/g, '_')}`;
    if (!document.getElementById(id)) {
      const list = document.createElement('datalist');
      list.id = id;
      for (const one of options) list.append(new Option('', one));
      this.root.append(list);
    }
    return id;
  }

  /** What came out becomes what must come out. */
  async accept(row, at) {
    await this.fresh();
    const result = this.results[at];
    if (!result || result.state === 'broken') return;
    row.result = result.value;
    if (result.rules.length) row.rules = result.rules; else delete row.rules;
    this.changed();
    this.draw();
  }

  result(at, line = this.root.querySelector(`tr[data-at="${at}"]`)) {
    const result = this.results[at];
    if (!line || !result) return;
    const cell = line.querySelector('.came');
    cell.replaceChildren();
    line.dataset.state = result.state;
    const chip = document.createElement('span');
    chip.className = `chip ${{ passed: 'fine', failed: 'late', broken: 'late', unjudged: 'stopped' }[result.state]}`;
    chip.textContent = this.say(`test-${result.state}`);
    cell.append(chip);
    const told = (text, kind = '') => {
      const part = document.createElement('span');
      part.textContent = text;
      part.className = kind;
      cell.append(' ', part);
    };
    if (result.state !== 'broken') told(this.say('test-value', { value: result.value, rules: result.rules.join(', ') || '—' }), 'value');
    if (result.sentence) told(result.sentence, 'wrong');
    if (result.why.length) {
      const more = document.createElement('details');
      const head = document.createElement('summary');
      head.textContent = this.say('test-why');
      more.append(head, ...result.why.map((text) => { const line = document.createElement('p'); line.textContent = text; return line; }));
      cell.append(more);
    }
  }

  sum() {
    const place = this.root.querySelector('[data-sum]');
    const mine = this.mine();
    const states = mine.map(([, at]) => this.results[at]?.state);
    const failed = states.filter((one) => one === 'failed' || one === 'broken').length;
    const hit = new Set(mine.flatMap(([, at]) => this.results[at]?.rules ?? []));
    place.textContent = !mine.length ? '' : this.say('test-sum', {
      passed: states.filter((one) => one === 'passed').length, failed, hit: hit.size, rules: this.decision?.rules ?? 0,
    });
  }
}

function today() {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
}
