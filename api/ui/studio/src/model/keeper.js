/**
 * What an editor does not understand must not vanish when a model is saved. When a model is opened it is written out once at
 * once and compared with what came in: whatever is missing (attributes, elements, texts of any name space, comments) is
 * noted with the element it belongs to, and put back into every later text as long as that element is there.
 */
const XMLNS = 'http://www.w3.org/2000/xmlns/';

export function parseXml(text) {
  const parsed = new DOMParser().parseFromString(text, 'application/xml');
  const fault = parsed.getElementsByTagName('parsererror')[0];
  return fault ? { fault: fault.textContent } : { document: parsed };
}

const key = (node) => `{${node.namespaceURI ?? ''}}${node.localName}`;
const ident = (node) => node.getAttribute?.('id');
const attributesOf = (node) => [...node.attributes].filter((one) => one.namespaceURI !== XMLNS);
const elements = (node) => [...node.children];
const ownText = (node) => [...node.childNodes].filter((one) => one.nodeType === 3 || one.nodeType === 4)
  .map((one) => one.nodeValue).join('').trim();

/** Qualified names differ by their prefix only; numbers by their spelling; booleans by 1 and true. */
function same(a, b, nodeA, nodeB) {
  if (a === b) return true;
  if (a.trim() === b.trim()) return true;
  if (a !== '' && b !== '' && Number.isFinite(Number(a)) && Number(a) === Number(b)) return true;
  const truth = { 1: 'true', 0: 'false' };
  if ((truth[a] ?? a) === (truth[b] ?? b)) return true;
  const [left, right] = [qualified(a, nodeA), qualified(b, nodeB)];
  return left !== null && left === right;
}

function qualified(text, node) {
  const parts = /^(?:([\w.-]+):)?([\w.-]+)$/.exec(text.trim());
  if (!parts) return null;
  return `{${node.lookupNamespaceURI(parts[1] ?? null) ?? ''}}${parts[2]}`;
}

/** Pairs the children of two elements: by id, else by kind and place among their kind. */
function pairs(before, after) {
  const byId = new Map(elements(after).filter(ident).map((one) => [`${key(one)}#${ident(one)}`, one]));
  const rest = new Map();
  for (const one of elements(after)) if (!ident(one)) rest.set(key(one), [...(rest.get(key(one)) ?? []), one]);
  // A reference written as text is the same reference wherever it stands among its kind.
  return elements(before).map((one) => {
    if (ident(one)) {
      const found = byId.get(`${key(one)}#${ident(one)}`);
      if (found) return [one, found];
      const list = rest.get(key(one)) ?? [];
      return [one, list.shift()];
    }
    const list = rest.get(key(one)) ?? [];
    const equal = list.findIndex((other) => ownText(other) === ownText(one) || same(ownText(one), ownText(other), one, other));
    const [found] = list.splice(equal >= 0 ? equal : 0, 1);
    return [one, found];
  });
}

/** All that `before` has and `after` lacks or says otherwise. */
export function losses(before, after) {
  const found = [];
  const walk = (a, b, owner, steps) => {
    const me = ident(a) ? { owner: ident(a), steps: [] } : { owner, steps };
    for (const one of attributesOf(a)) {
      const there = one.namespaceURI ? b.getAttributeNS(one.namespaceURI, one.localName) : b.getAttribute(one.name);
      if (there === null) found.push({ ...me, kind: 'attribute', name: one.name, space: one.namespaceURI, value: one.value });
      else if (!same(one.value, there, a, b)) {
        found.push({ ...me, kind: 'changed', name: one.name, space: one.namespaceURI, value: one.value, there });
      }
    }
    if (!elements(a).length && !elements(b).length && ownText(a) !== ownText(b) && !same(ownText(a), ownText(b), a, b)) {
      found.push({ ...me, kind: 'text', value: ownText(a), there: ownText(b) });
    }
    for (const [one, other] of pairs(a, b)) {
      if (other) {
        // An element with an id is found by it; only what has none is found by its place.
        const at = ident(one) ? 0 : elements(b).filter((node) => key(node) === key(other)).indexOf(other);
        walk(one, other, me.owner, [...me.steps, { key: key(one), at }]);
      } else {
        found.push({ ...me, kind: 'element', name: one.nodeName, node: one, next: elements(a)[elements(a).indexOf(one) - 1] });
      }
    }
  };
  walk(before.documentElement, after.documentElement, '', []);
  return [...found, ...comments(before)];
}

/** Comments and the element that each stands before. */
function comments(document) {
  const found = [];
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) {
    const comment = walker.currentNode;
    let next = comment.nextSibling;
    while (next && next.nodeType !== 1) next = next.nextSibling;
    const before = next && ident(next);
    const inside = comment.parentNode.nodeType === 1 ? ident(comment.parentNode) ?? '' : null;
    found.push({ kind: 'comment', owner: before || inside || '', before: Boolean(before), top: inside === null && !before, value: comment.nodeValue });
  }
  return found;
}

/** The text with everything put back whose element is still there. Without losses it is the very same text. */
export function restore(xml, lost) {
  if (!lost.length) return xml;
  const { document: target } = parseXml(xml);
  if (!target) return xml;
  const byId = new Map([...target.getElementsByTagName('*')].filter(ident).map((one) => [ident(one), one]));
  for (const loss of lost) {
    const place = find(target, byId, loss);
    if (place) put(target, place, loss);
  }
  const text = new XMLSerializer().serializeToString(target);
  const head = /^\s*<\?xml[^>]*\?>\s*/.exec(xml)?.[0] ?? '';
  return text.startsWith('<?xml') ? text : head + text;
}

function find(target, byId, { owner, steps = [] }) {
  let here = owner ? byId.get(owner) : target.documentElement;
  for (const step of steps) here = here && elements(here).filter((one) => key(one) === step.key)[step.at];
  return here;
}

function put(target, place, loss) {
  switch (loss.kind) {
    case 'attribute':
      if (loss.space ? !place.hasAttributeNS(loss.space, loss.name.split(':').pop()) : !place.hasAttribute(loss.name)) {
        if (loss.space) place.setAttributeNS(loss.space, loss.name, loss.value); else place.setAttribute(loss.name, loss.value);
      }
      break;
    case 'changed':
      // Only a value that the writer changed by itself is put back, not one that somebody has set since.
      if ((loss.space ? place.getAttributeNS(loss.space, loss.name.split(':').pop()) : place.getAttribute(loss.name)) === loss.there) {
        if (loss.space) place.setAttributeNS(loss.space, loss.name, loss.value); else place.setAttribute(loss.name, loss.value);
      }
      break;
    case 'text':
      if (ownText(place) === loss.there) place.textContent = loss.value;
      break;
    case 'element': {
      const id = ident(loss.node);
      const there = id ? elements(place).some((one) => ident(one) === id)
        : elements(place).some((one) => key(one) === key(loss.node) && ownText(one) === ownText(loss.node) && one.children.length === loss.node.children.length);
      if (there) break;
      const after = loss.next && elements(place).find((one) => key(one) === key(loss.next) && ident(one) === ident(loss.next));
      place.insertBefore(target.importNode(loss.node, true), after ? after.nextSibling : null);
      break;
    }
    case 'comment': {
      const comment = target.createComment(loss.value);
      if (loss.top) target.insertBefore(comment, target.documentElement);
      else if (loss.before) place.parentNode.insertBefore(comment, place);
      else place.append(comment);
      break;
    }
  }
}
