/**
 * A field for FEEL: colours, completion of names and functions, faults as one types. The engine's own reader says what is
 * wrong and what there is (POST /studio/{process}/feel); nothing here judges a text.
 *
 *   const field = feelField({ parent, value, kind, label, process, path, element, words, onChange, readOnly, optional });
 *   field.get(); field.set(text); field.focus(); field.check(); field.destroy();
 *
 * kind: "expression", "unary" (a cell of a decision table) or "template" (plain text unless it begins with "=").
 * words: the page's dictionary; used are the keys feel.*. onChange(text) comes with every change that somebody types.
 */
import { EditorView, drawSelection, hoverTooltip, keymap, placeholder } from '@codemirror/view';
import { EditorState, Compartment, Annotation } from '@codemirror/state';
import { history, historyKeymap, defaultKeymap } from '@codemirror/commands';
import { autocompletion, closeBrackets, completionKeymap, completionStatus } from '@codemirror/autocomplete';
import { setDiagnostics } from '@codemirror/lint';
import { bracketMatching } from '@codemirror/language';
import { colours } from './colours.js';
import { completions, functionAt } from './completions.js';
import './feel.css';

const WAIT_MS = 250;
const FROM_OUTSIDE = Annotation.define();
let counter = 0;

/** Makes a field inside `parent`. */
export function feelField(options) {
  const { parent, process, path = '', element = '', words = {}, onChange = () => {}, onFaults = () => {} } = options;
  const kind = options.kind ?? 'expression';
  const say = (key) => words[`feel.${key}`] ?? key;
  const known = { names: [], functions: [] };
  const readOnly = new Compartment();
  const told = document.createElement('p');
  told.className = 'feel-told';
  told.id = `feel-told-${++counter}`;
  told.setAttribute('role', 'status');
  let timer = 0, asking = null, filled = false;

  async function check() {
    clearTimeout(timer);
    asking?.abort();
    asking = new AbortController();
    const text = view.state.doc.toString();
    try {
      const answer = await fetch(`/studio/${encodeURIComponent(process)}/feel`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, signal: asking.signal,
        body: JSON.stringify({ text, path, element, kind, brief: filled }),
      });
      if (!answer.ok) return tell([], say('unchecked'));
      const found = await answer.json();
      if (!filled) { Object.assign(known, { names: found.names, functions: found.functions }); filled = true; }
      if (text === view.state.doc.toString()) tell(found.faults);
    } catch (error) {
      if (error.name !== 'AbortError') tell([], say('unchecked'));
    }
  }

  function tell(faults, note = '') {
    const end = view.state.doc.length;
    const marks = faults.map((one) => ({
      from: Math.min(one.from, end), to: Math.min(Math.max(one.to, one.from), end), severity: one.severity, message: one.sentence,
    }));
    view.dispatch(setDiagnostics(view.state, marks));
    const worst = faults.find((one) => one.severity === 'error') ?? faults[0];
    told.className = `feel-told${worst ? ` feel-${worst.severity}` : ''}`;
    told.textContent = worst ? `${worst.severity === 'error' ? '✕' : '!'} ${worst.sentence}` : note;
    view.contentDOM.setAttribute('aria-invalid', String(faults.some((one) => one.severity === 'error')));
    onFaults(faults);
  }

  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.value ?? '',
      extensions: [
        history(), drawSelection(), bracketMatching(), closeBrackets(), colours, EditorView.lineWrapping,
        autocompletion({ override: [completions(known, kind, say)], icons: false }),
        hoverTooltip((here, at) => functionAt(known, here, at)),
        // Tab leaves the field, as everywhere; completion takes Enter only while its list is open.
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        placeholder(options.hint ?? ''),
        // CodeMirror writes the class anew with every change of focus.
        EditorView.editorAttributes.of({ class: 'feel-field' }),
        EditorView.contentAttributes.of({
          'aria-label': options.label ?? 'FEEL', 'aria-describedby': told.id, spellcheck: 'false', autocapitalize: 'off',
          ...(options.id ? { id: options.id } : {}),
        }),
        readOnly.of([EditorState.readOnly.of(Boolean(options.readOnly)), EditorView.editable.of(!options.readOnly)]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          clearTimeout(timer);
          timer = setTimeout(check, WAIT_MS);
          if (!update.transactions.some((one) => one.annotation(FROM_OUTSIDE))) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  // Keys typed here are the field's: a canvas around it must not take Delete or Ctrl+Z; Escape closes only an open list.
  view.dom.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || completionStatus(view.state)) event.stopPropagation();
  });
  parent.append(told);
  check();

  return {
    view,
    get: () => view.state.doc.toString(),
    set(text) {
      if (text === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, annotations: FROM_OUTSIDE.of(true) });
    },
    focus: () => view.focus(),
    check,
    lock: (locked) => view.dispatch({
      effects: readOnly.reconfigure([EditorState.readOnly.of(locked), EditorView.editable.of(!locked)]),
    }),
    destroy() {
      clearTimeout(timer);
      asking?.abort();
      view.destroy();
      told.remove();
    },
  };
}
