/** Scripts, decisions, called parts, and the conditions of flows. */
import { decisionOf, getBusinessObject, is } from '../../model/settings.js';
import { h } from '../dom.js';

export function scriptFields(kit, element) {
  if (!is(element, 'bpmn:ScriptTask')) return [];
  const { studio, words } = kit;
  return [{
    key: 'script', kind: 'feel', ...words('script'), element: getBusinessObject(element).id, get: () => getBusinessObject(element).script ?? '',
    set: (value) => studio.write.attributes(element, { script: value || undefined }), snippets: studio.snippets('script'),
  }];
}

export function decisionFields(kit, element) {
  if (!is(element, 'bpmn:BusinessRuleTask')) return [];
  const { studio, words } = kit;
  const known = studio.choices.decisions;
  const link = h('a', { text: studio.say('open-table') });
  const aim = () => {
    const found = known.find((one) => one.id === decisionOf(element));
    link.hidden = !found;
    if (found) link.href = `/studio/${studio.process}/tables?path=${encodeURIComponent(found.path)}`;
  };
  aim();
  return [
    { key: 'decision', setting: 'decision', kind: 'select', ...words('decision'), options: [{ id: '', title: studio.say('none') }, ...known.map((one) => ({ id: one.id, title: `${one.title} (${one.id})` }))],
      get: () => { aim(); return decisionOf(element); }, set: (id) => studio.write.decision(element, id) },
    { key: 'decision-link', kind: 'facts', nodes: () => [link] },
  ];
}

export function callFields(kit, element) {
  if (!is(element, 'bpmn:CallActivity')) return [];
  const { studio, words } = kit;
  const { say, choices } = studio;
  const options = choices.parts.map((one) => ({ id: one.id, title: `${one.title} (${one.id})${one.inside ? '' : ` · ${say('part-outside')}`}` }));
  return [
    { key: 'calledElement', kind: 'select', ...words('calledElement'), options: [{ id: '', title: say('none') }, ...options],
      get: () => getBusinessObject(element).calledElement ?? '',
      set: async (id) => { studio.write.attributes(element, { calledElement: id || undefined }); if (id) await studio.addPart(id); } },
    { key: 'called-about', kind: 'facts', nodes: () => {
      const part = choices.parts.find((one) => one.id === getBusinessObject(element).calledElement);
      return part ? [h('p', { class: 'help', text: part.about }), part.inside && h('a', { href: `?path=${encodeURIComponent(part.path)}`, text: say('open-part') })].filter(Boolean) : [];
    } },
  ];
}

/** A flow: its condition, or that it is the way for everything else; a gateway or activity: which flow that is. */
export function flowFields(kit, element) {
  const { studio, words, child } = kit;
  const { write, say, modeler } = studio;
  const object = getBusinessObject(element);
  if (is(element, 'bpmn:SequenceFlow')) {
    const source = () => getBusinessObject(element).sourceRef;
    const can = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:ComplexGateway', 'bpmn:Activity'].some((type) => is(source(), type));
    const flag = {
      key: 'default', kind: 'check', ...words('default'), get: () => source().default === getBusinessObject(element),
      set: (value) => modeler.get('modeling').updateProperties(modeler.get('elementRegistry').get(source().id), { default: value ? getBusinessObject(element) : undefined }),
    };
    return [child(element, () => getBusinessObject(element), 'conditionExpression'), can && flag].filter(Boolean);
  }
  const fields = [];
  if (['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:ComplexGateway'].some((type) => is(element, type)) && object.outgoing?.length > 1) {
    const flows = object.outgoing.map((one) => ({ id: one.id, title: one.name || say('flow-to', { name: one.targetRef?.name || one.targetRef?.id }) }));
    fields.push({
      key: 'default-flow', kind: 'select', ...words('default-flow'), options: [{ id: '', title: say('none') }, ...flows], get: () => getBusinessObject(element).default?.id ?? '',
      set: (id) => write.attributes(element, { default: object.outgoing.find((one) => one.id === id) }),
    });
  }
  if (is(element, 'bpmn:ComplexGateway')) fields.push(child(element, () => getBusinessObject(element), 'activationCondition'));
  return fields;
}
