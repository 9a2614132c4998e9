/** What may be written at the cursor: names of the process, functions and words of FEEL, as the server told them. */
const PART = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]*)*$/u;
const PHRASE = /[\p{L}_][\p{L}\p{N}_]*(?: [\p{L}_][\p{L}\p{N}_]*){1,4} ?$/u;
const WORDS = ['if', 'then', 'else', 'for', 'in', 'return', 'some', 'every', 'satisfies', 'and', 'or', 'between', 'not', 'true', 'false', 'null'];

/** True inside a text or a comment, where nothing is offered. */
function quoted(before) {
  return (before.replace(/\\./g, '').match(/"/g) ?? []).length % 2 === 1;
}

/** Where a function of several words began to be typed: `add w` is the beginning of `add working days`. */
function beginning(before, functions) {
  const found = PHRASE.exec(before);
  if (!found) return -1;
  const words = found[0].split(' ');
  for (let at = 0; at < words.length - 1; at += 1) {
    const phrase = words.slice(at).join(' ');
    if (functions.some((one) => one.name.startsWith(phrase))) return found.index + words.slice(0, at).join(' ').length + (at ? 1 : 0);
  }
  return -1;
}

function functionsOf(known) {
  return known.functions.map((one) => ({
    label: one.name, detail: one.signature, type: 'function', boost: 1,
    info: () => { const text = document.createElement('div'); text.textContent = one.help; return text; },
    apply(view, completion, start, end) {
      const after = view.state.sliceDoc(end, end + 1) === '(' ? '' : '()';
      view.dispatch({
        changes: { from: start, to: end, insert: one.name + after },
        selection: { anchor: start + one.name.length + (one.signature === '()' ? after.length : 1) },
      });
    },
  }));
}

export function completions(known, kind, say) {
  return (context) => {
    const before = context.state.sliceDoc(0, context.pos);
    if (kind === 'template' && !before.trimStart().startsWith('=')) return null;
    if (quoted(before)) return null;
    const several = beginning(before, known.functions);
    if (several >= 0) return { from: several, options: functionsOf(known), validFor: /^[\p{L}\p{N}_ ]*$/u };
    const found = PART.exec(before);
    if (!found && !context.explicit) return null;
    const from = found ? found.index : context.pos;
    const depth = found ? found[0].split('.').length - 1 : 0;
    const names = known.names.filter((one) => one.name.split('.').length - 1 === depth).map((one) => ({
      label: one.name, detail: one.about || say('variable'), type: 'variable', boost: 2,
    }));
    if (depth) return { from, options: names, validFor: PART };
    const functions = functionsOf(known);
    const words = WORDS.map((word) => ({ label: word, type: 'keyword' }));
    return { from, options: [...names, ...functions, ...words], validFor: PART };
  };
}

/** The help of the function under the pointer. */
export function functionAt(known, view, at) {
  const line = view.state.doc.lineAt(at);
  const on = known.functions.find((one) => {
    for (let index = line.text.indexOf(`${one.name}(`); index >= 0; index = line.text.indexOf(`${one.name}(`, index + 1)) {
      if (line.from + index <= at && at <= line.from + index + one.name.length) return true;
    }
    return false;
  });
  if (!on) return null;
  return {
    pos: at,
    create() {
      const dom = document.createElement('div');
      dom.className = 'feel-help';
      const head = document.createElement('code');
      head.textContent = `${on.name}${on.signature}`;
      const text = document.createElement('p');
      text.textContent = on.help;
      dom.append(head, text);
      return { dom };
    },
  };
}
