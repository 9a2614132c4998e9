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
