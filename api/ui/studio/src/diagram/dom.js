/** Elements of a page in one line. */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name === 'text') made.textContent = value;
    else if (name in made && typeof value !== 'string') made[name] = value;
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((one) => one !== undefined && one !== null && one !== false));
  return made;
}

/** A function that runs when nobody has called it for a while; `.now()` runs it at once if it waits. */
export function later(wait, act) {
  let timer = 0, pending = null;
  const run = () => { clearTimeout(timer); const args = pending; pending = null; if (args) act(...args); };
  const call = (...args) => { pending = args; clearTimeout(timer); timer = setTimeout(run, wait); };
  call.now = run;
  call.drop = () => { clearTimeout(timer); pending = null; };
  return call;
}
