/** From the bytes of a file to text and back to a model, with clear words for what is not BPMN. */
import { parseXml } from './keeper.js';

const MODEL = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const ENCODING = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/;

/** The text of a file, whatever encoding it declares; the declaration is turned to UTF-8, in which everything is saved. */
export function textOf(bytes) {
  const start = new TextDecoder('latin1').decode(bytes.slice(0, 200));
  let encoding = 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) encoding = 'utf-16le';
  else if (bytes[0] === 0xfe && bytes[1] === 0xff) encoding = 'utf-16be';
  else {
    const declared = ENCODING.exec(start)?.[1];
    try { if (declared) encoding = new TextDecoder(declared).encoding; } catch { encoding = 'utf-8'; }
  }
  const text = new TextDecoder(encoding).decode(bytes);
  return text.replace(/^(\s*<\?xml\s[^>]*?encoding\s*=\s*["'])[A-Za-z0-9._-]+(["'])/, '$1UTF-8$2');
}

/**
 * Why a text is no BPMN 2.0 model: { code, line, values }, or null when it is one. `code` is the end of a key diagram.fault-*.
 */
export function faultOf(text) {
  if (!text.trim()) return { code: 'empty', line: 1, values: {} };
  const { document: parsed, fault } = parseXml(text);
  if (fault) return { code: 'broken', line: lineOf(fault), values: { reason: reasonOf(fault) } };
  const root = parsed.documentElement;
  if (root.localName === 'definitions' && root.namespaceURI === MODEL) {
    if (![...root.children].some((one) => one.namespaceURI === MODEL)) return { code: 'nothing', line: 1, values: {} };
    return null;
  }
  const values = { tag: root.nodeName, namespace: root.namespaceURI ?? '—' };
  const line = text.slice(0, Math.max(text.indexOf(`<${root.nodeName}`), 0)).split('\n').length;
  if (/BPMN\/2\.0|BPMN\/1/i.test(root.namespaceURI ?? '') || root.localName === 'definitions') return { code: 'other-version', line, values };
  if (/XPDL|wfmc/i.test(`${root.namespaceURI} ${root.localName}`)) return { code: 'xpdl', line, values };
  if (/DMN/i.test(root.namespaceURI ?? '')) return { code: 'dmn', line, values };
  return { code: 'foreign', line, values };
}

function lineOf(fault) { return Number(/line (?:number )?(\d+)/i.exec(fault)?.[1] ?? 1); }

function reasonOf(fault) {
  const told = /(?:error on line \d+ at column \d+: )([^\n]*)/i.exec(fault);
  return (told?.[1] ?? fault.split('\n').find((one) => one.trim()) ?? '').trim();
}

/** A loop that names its list by variable: designers on bpmn-js lose it, so it becomes the setting that the engine reads alike. */
export function withListsAsSettings(text) {
  if (!/loopData(?:Input|Output)Ref/.test(text)) return text;
  const { document: parsed } = parseXml(text);
  if (!parsed) return text;
  const ids = new Set([...parsed.getElementsByTagName('*')].map((one) => one.getAttribute('id')).filter(Boolean));
  const SPIFF = 'http://spiffworkflow.org/bpmn/schema/1.0/core';
  let changed = false;
  for (const [tag, name] of [['loopDataInputRef', 'collection'], ['loopDataOutputRef', 'output']]) {
    for (const ref of [...parsed.getElementsByTagNameNS(MODEL, tag)]) {
      const variable = ref.textContent.trim();
      if (!variable || ids.has(variable.split(':').pop())) continue;
      const activity = ref.parentNode.parentNode;
      const extension = childOf(activity, MODEL, 'extensionElements') ?? activity.insertBefore(parsed.createElementNS(MODEL, prefixed(parsed, MODEL, 'extensionElements')), firstAfterDocumentation(activity));
      const list = childOf(extension, SPIFF, 'properties') ?? extension.appendChild(parsed.createElementNS(SPIFF, 'spiffworkflow:properties'));
      if ([...list.children].some((one) => one.getAttribute('name') === name)) continue;
      const made = parsed.createElementNS(SPIFF, 'spiffworkflow:property');
      made.setAttribute('name', name);
      made.setAttribute('value', variable);
      list.append(made);
      ref.remove();
      changed = true;
    }
  }
  if (!changed) return text;
  const head = /^\s*<\?xml[^>]*\?>\s*/.exec(text)?.[0] ?? '';
  const out = new XMLSerializer().serializeToString(parsed);
  return out.startsWith('<?xml') ? out : head + out;
}

function childOf(node, space, name) { return [...node.children].find((one) => one.namespaceURI === space && one.localName === name); }
function firstAfterDocumentation(node) { return [...node.children].find((one) => one.localName !== 'documentation') ?? null; }
function prefixed(parsed, space, name) { const prefix = parsed.documentElement.lookupPrefix(space); return prefix ? `${prefix}:${name}` : name; }
