/** A new id for an element, and with it every setting and FEEL text of the diagram that names the old one: one step to undo. */
import { getBusinessObject, holderOf, is } from '../model/settings.js';

const LISTS = ['separate_from', 'send_back_to'];

/** The text with a name replaced where it stands as a whole name outside quotation marks. */
export function withName(text, before, after) {
  const whole = new RegExp(`(?<![\\p{L}\\p{N}_.])${before.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&')}(?![\\p{L}\\p{N}_])`, 'gu');
  return text.split(/("(?:[^"\\]|\\.)*")/).map((part, at) => (at % 2 ? part : part.replace(whole, after))).join('');
}

export function renamed(studio, element, id) {
  const before = holderOf(element).id;
  if (!id || id === before) return;
  studio.write.together(() => {
    studio.write.attributes(element, { id });
    for (const one of studio.modeler.get('elementRegistry').filter((other) => !other.labelTarget && other.parent)) rewrite(studio, one, (text) => withName(text, before, id));
  });
}

/** Apply `change` to every text of an element that can name another: settings, scripts, conditions, loops. */
export function rewrite(studio, element, change, only = () => true) {
  const object = getBusinessObject(element);
  const settings = {};
  for (const list of (holderOf(element).extensionElements?.values ?? []).filter((one) => is(one, 'spiffworkflow:Properties'))) {
    for (const one of list.values ?? []) {
      const value = one.value ?? '';
      const next = LISTS.includes(one.name) || value.startsWith('=') || only(one.name) ? change(value) : value;
      if (next !== value) settings[one.name] = next;
    }
  }
  if (Object.keys(settings).length) studio.write.settings(element, settings);
  if (is(object, 'bpmn:ScriptTask') && object.script && change(object.script) !== object.script) studio.write.attributes(element, { script: change(object.script) });
  const texts = [[object, 'conditionExpression'], [object, 'activationCondition'], [object.loopCharacteristics, 'completionCondition'],
    [object.loopCharacteristics, 'loopCardinality'], [object.loopCharacteristics, 'loopCondition'],
    ...(object.eventDefinitions ?? []).flatMap((one) => ['condition', 'timeDate', 'timeDuration', 'timeCycle'].map((name) => [one, name]))];
  for (const [holder, name] of texts) {
    const body = holder?.get?.(name)?.body;
    if (body && change(body) !== body) studio.write.expression(element, holder, name, change(body));
  }
}
