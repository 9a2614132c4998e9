// One file of a draft in the browser: loaded, saved by itself while somebody works, never lost.
//
//   const file = new DraftFile({ process, path, words, status, replace });
//   const text = await file.load();     // null: there is no such file (yet)
//   file.edit(text);                    // saves a moment later; `await file.flush()` saves at once
//
// `status` is the element that tells how it stands (role="status"); `replace(text)` shows another content in the editor
// (theirs, or what was kept from last time). Words: the keys `saving.*` of studio-saving.json.
import './saving.css';
import { difference } from './difference.js';

const PAUSE = 1200;
const AGAIN = 5000;
/** What a browser keeps for a page that was closed before all was saved; larger contents are not kept. */
const MOST_KEPT = 2_000_000;

export class DraftFile {
  constructor({ process, path, words, status, replace = () => {}, version = '', fetching = (...asked) => fetch(...asked) }) {
    Object.assign(this, { process, path, words, status, replace, version, fetching });
    this.sha = null;
    this.text = null;
    this.state = 'clean';
    this.listeners = new Set();
    this.unload = (event) => this.pending() && event.preventDefault();
    window.addEventListener('beforeunload', this.unload);
    window.addEventListener('online', () => this.state === 'offline' && this.flush());
  }

  /** The words for a key, with the values put in. */
  say(key, values = {}) {
    return (this.words[`saving.${key}`] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '…');
  }

  /** Whether something that was typed is not saved yet. */
  pending() {
    return !['clean', 'saved'].includes(this.state);
  }

  /** Calls `listener(state, told)` whenever the file's state changes. */
  on(listener) {
    this.listeners.add(listener);
  }

  get address() {
    const asked = new URLSearchParams({ path: this.path });
    if (this.version) asked.set('version', this.version);
    return `/studio/${this.process}/file?${asked}`;
  }

  get place() {
    return `banjian:unsaved:${this.process}:${this.path}`;
  }

  /** The file's text as it is kept, or null; offers what was typed last time and never saved. */
  async load() {
    const answer = await this.fetching(this.address, { headers: { accept: '*/*' } });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(await sentence(answer));
    this.sha = (answer.headers.get('etag') ?? '').replace(/^W\/|"/g, '') || null;
    this.text = this.saved = decoded(await answer.arrayBuffer());
    if (!this.version) this.offerKept();
    return this.text;
  }

  /** Takes what stands in the editor now; it is saved after a short pause. */
  edit(text) {
    if (text === this.text && this.state !== 'refused') return;
    this.text = text;
    if (this.state === 'stale' || this.state === 'gone') return this.keep();
    this.turn('dirty');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
  }

  /** Saves what is not saved yet; resolves to whether everything is saved. */
  async flush() {
    clearTimeout(this.timer);
    if (this.saving) return this.saving.then(() => this.flush());
    if (this.text === null || (this.text === this.saved && !this.force)) {
      if (this.state === 'dirty') this.turn('saved');
      return this.state !== 'stale' && this.state !== 'gone';
    }
    this.saving = this.put(this.text).finally(() => { this.saving = null; });
    const done = await this.saving;
    return done && this.text !== this.saved ? this.flush() : done;
  }

  async put(text) {
    this.turn('saving');
    this.keep(text);
    let answer;
    try {
      answer = await this.fetching(this.address, {
        method: 'PUT',
        body: text,
        headers: {
          'content-type': 'application/octet-stream',
          accept: 'application/json',
          ...(this.sha ? { 'if-match': `"${this.sha}"` } : { 'if-none-match': '*' }),
        },
      });
    } catch {
      this.timer = setTimeout(() => this.flush(), AGAIN);
      return this.turn('offline');
    }
    if (answer.ok) return this.took(text, await answer.json());
    const told = await told_(answer);
    if (told.code === 'draft-gone') return this.gone(told);
    // Changed by somebody, or taken out of the draft; other conflicts (a draft in review) are told as they are.
    if (told.code === 'stale' || answer.status === 404) return this.conflict(told);
    if (answer.status >= 500) {
      this.timer = setTimeout(() => this.flush(), AGAIN);
      return this.turn('offline');
    }
    return this.turn('refused', told);
  }

  took(text, told) {
    this.sha = told.sha;
    this.saved = text;
    this.force = false;
    this.forget();
    this.turn('saved', told);
    return true;
  }

  turn(state, told = {}) {
    this.state = state;
    if (this.status) {
      this.status.dataset.state = state;
      this.status.textContent = this.say(state, { ...told, time: told.text ?? clock(told.at) });
    }
    for (const listener of this.listeners) listener(state, told);
    return false;
  }

  /** Removes the file from the draft; resolves to whether it is gone. */
  async remove() {
    await this.flush();
    const answer = await this.fetching(this.address, { method: 'DELETE', headers: { accept: 'application/json', 'if-match': `"${this.sha}"` } });
    if (answer.ok) {
      this.forget();
      this.turn('clean');
      return true;
    }
    const told = await told_(answer);
    if (told.code === 'stale') return this.conflict(told);
    return this.turn('refused', told);
  }

  // --- what was typed and is not saved ------------------------------------------------------------------------------

  keep(text = this.text) {
    try {
      if (text.length <= MOST_KEPT) localStorage.setItem(this.place, JSON.stringify({ text, sha: this.sha, at: Date.now() }));
    } catch { /* a full or closed store: the page itself still has it */ }
  }

  forget() {
    try { localStorage.removeItem(this.place); } catch { /* see above */ }
  }

  offerKept() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(this.place) ?? 'null'); } catch { /* not ours */ }
    if (!kept || kept.text === this.text) return this.forget();
    this.ask('kept', { time: clock(kept.at) }, [
      ['kept-take', () => { this.replace(kept.text); this.edit(kept.text); }, 'main'],
      ['download', () => this.download(kept.text), 'stay'],
      ['kept-drop', () => this.forget()],
    ], () => difference(this.text, kept.text));
  }

  download(text) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
    link.download = this.path.split('/').at(-1);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  // --- somebody else was faster -------------------------------------------------------------------------------------

  async conflict(told) {
    this.turn('stale', told);
    let theirs = null;
    try {
      const answer = await this.fetching(this.address, { headers: { accept: '*/*' } });
      if (answer.ok) {
        theirs = decoded(await answer.arrayBuffer());
        told.sha = (answer.headers.get('etag') ?? '').replace(/^W\/|"/g, '') || told.sha;
      }
    } catch { /* offline now: the choices that need theirs are left out */ }
    if (theirs === this.text) return this.took(this.text, told);
    this.ask('stale', { ...told, time: clock(told.at) }, [
      theirs !== null && ['take-theirs', () => {
        this.sha = told.sha;
        this.text = this.saved = theirs;
        this.forget();
        this.turn('saved', {});
        this.replace(theirs);
      }],
      ['take-mine', () => {
        this.sha = theirs === null ? null : told.sha;
        this.force = true;
        this.turn('dirty');
        this.flush();
      }, 'main'],
      ['download', () => this.download(this.text), 'stay'],
    ].filter(Boolean), theirs !== null && (() => difference(theirs, this.text)));
    return false;
  }

  gone(told) {
    this.turn('gone', told);
    this.ask('gone', told, [
      ['again', () => { this.sha = null; this.force = true; this.turn('dirty'); this.flush(); }, 'main'],
      ['download', () => this.download(this.text), 'stay'],
      ['overview', () => window.open(`/studio/${this.process}`, '_blank'), 'stay'],
    ]);
    return false;
  }

  /** Shows a question with its choices; a choice marked `stay` leaves the question open. */
  ask(key, values, choices, compared = null) {
    this.dialog?.remove();
    const dialog = this.dialog = document.createElement('dialog');
    dialog.className = 'saving';
    const title = node('h2', this.say(`${key}-title`, values));
    title.id = 'saving-title';
    dialog.setAttribute('aria-labelledby', title.id);
    dialog.append(title, node('p', values.sentence ?? this.say(`${key}-text`, values)), node('p', this.path, 'small quiet'));
    if (compared) {
      const more = document.createElement('details');
      more.append(node('summary', this.say('difference')));
      more.addEventListener('toggle', () => more.children.length < 2 && more.append(compared()), { once: true });
      dialog.append(more);
    }
    const row = node('p', '', 'row');
    for (const [name, act, kind] of choices) {
      const button = node('button', this.say(name), kind === 'main' ? 'main' : '');
      button.type = 'button';
      button.dataset.choice = name;
      button.addEventListener('click', () => {
        act();
        if (kind !== 'stay') { dialog.close(); dialog.remove(); }
      });
      row.append(button);
    }
    dialog.append(row);
    // Nothing is decided by the Escape key: what was typed stays as it is until a choice is made.
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
  }
}

/** The text of a file: XML says itself how it is encoded (GBK, UTF-16 ...). It is saved as UTF-8, and says so then. */
export function decoded(buffer) {
  const bytes = new Uint8Array(buffer);
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe && 'utf-16le') || (bytes[0] === 0xfe && bytes[1] === 0xff && 'utf-16be');
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  const said = /^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(head.replace(/^\xef\xbb\xbf/, ''))?.[1];
  let decoder;
  try { decoder = new TextDecoder(marked || said || 'utf-8'); } catch { decoder = new TextDecoder(); }
  const text = decoder.decode(bytes);
  return decoder.encoding === 'utf-8' ? text : text.replace(/(<\?xml\b[^>]*?\bencoding\s*=\s*["'])[\w.:-]+/, '$1UTF-8');
}

function node(tag, text, kind = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function clock(at) {
  const moment = at ? new Date(at) : new Date();
  return Number.isNaN(+moment) ? String(at) : moment.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

async function told_(answer) {
  try { return await answer.json(); } catch { return {}; }
}

async function sentence(answer) {
  const told = await told_(answer);
  return told.sentence ?? told.detail ?? `HTTP ${answer.status}`;
}
