// The words of dmn-js: looked up by its English ones under `dmn-js.*`. What is missing is collected for the tests.

/** A module for one view of dmn-js that translates by the page's words. */
export function translateModule(words) {
  const missing = (globalThis.__missing ??= new Set());
  function translate(template, values = {}) {
    const known = words[`dmn-js.${template.trim()}`];
    if (known === undefined && /[a-z]/i.test(template)) missing.add(template);
    return (known ?? template).replace(/\{\s*(\w+)\s*\}/g, (whole, name) => values[name] ?? whole);
  }
  return { translate: ['value', translate] };
}

/** Texts that dmn-js draws without asking for a translation; none of them ever changes once it is drawn. */
const LITERAL = '.element-variable > h2, .element-variable-type-label, .formal-parameters th, .comparison > h4';

/**
 * Puts words where dmn-js has none of the page's: its literals, the types in a table that is only read, and the heading of the
 * rules' numbers, which it leaves empty for those who hear the table.
 */
export function mend(editor, words, reading) {
  const head = editor.querySelector('th.index-column:empty');
  if (head) head.textContent = words['tables.rule-number'];
  const drawn = editor.querySelectorAll(reading ? `${LITERAL}, .input-variable, .output-variable` : LITERAL);
  for (const { firstChild } of drawn) {
    const word = words[`dmn-js.${firstChild?.data ?? ''}`];
    if (word && word !== firstChild.data) firstChild.data = word;
  }
}
