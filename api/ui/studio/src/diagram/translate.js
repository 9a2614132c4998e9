/** bpmn-js, diagram-js and the minimap in the page's language; words that the dictionary lacks are collected for the test. */
export function translating(words, missing) {
  const translate = (template, replacements = {}) => {
    const known = words[`bpmn.${template}`];
    if (known === undefined) missing.add(template);
    return (known ?? template).replace(/\{([^}]+)\}/g, (_, key) => replacements[key] ?? `{${key}}`);
  };
  return { translate: ['value', translate] };
}

/** Sentences of our own by key. */
export function speaking(words, missing) {
  return (key, values = {}) => {
    const known = words[`diagram.${key}`];
    if (known === undefined) missing.add(`diagram.${key}`);
    return (known ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? '…'));
  };
}
