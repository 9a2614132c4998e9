/** What an event, a send or a receive task waits for or throws. */
import { definitionsOf, getBusinessObject, is } from '../../model/settings.js';

const TIMES = ['timeDate', 'timeDuration', 'timeCycle'];
const THROWS = ['bpmn:IntermediateThrowEvent', 'bpmn:EndEvent', 'bpmn:SendTask'];

export function eventGroup(kit, element) {
  const { studio, flag, own } = kit;
  const object = getBusinessObject(element);
  const fields = [];
  if (is(element, 'bpmn:BoundaryEvent')) fields.push(flag(element, () => getBusinessObject(element), 'cancelActivity'));
  if (is(element, 'bpmn:StartEvent') && object.$parent?.triggeredByEvent) fields.push(flag(element, () => getBusinessObject(element), 'isInterrupting'));
  if (is(element, 'bpmn:ReceiveTask') || is(element, 'bpmn:EventBasedGateway')) fields.push(flag(element, () => getBusinessObject(element), 'instantiate'));
  if (is(element, 'bpmn:SendTask') || is(element, 'bpmn:ReceiveTask')) fields.push(reference(kit, element, () => getBusinessObject(element), 'bpmn:Message', 'messageRef', studio.choices.messages));
  for (const definition of is(element, 'bpmn:Event') ? definitionsOf(element) : []) fields.push(...ofDefinition(kit, element, definition));
  const messages = is(element, 'bpmn:SendTask') || is(element, 'bpmn:ReceiveTask')
    || (is(element, 'bpmn:Event') && definitionsOf(element).some((one) => is(one, 'bpmn:MessageEventDefinition')));
  const signals = is(element, 'bpmn:Event') && definitionsOf(element).some((one) => is(one, 'bpmn:SignalEventDefinition'));
  if ((messages || signals) && THROWS.some((type) => is(element, type))) fields.push(own(element, 'payload', { kind: 'feel', mark: '=' }));
  if (messages) fields.push(own(element, 'correlation', { kind: 'feel', mark: '=' }));
  return fields;
}

function ofDefinition(kit, element, definition) {
  const { studio, child, flag, words } = kit;
  const { write, say } = studio;
  const current = () => definitionsOf(element).find((one) => one === definition || one.$type === definition.$type) ?? definition;
  const catching = !THROWS.some((type) => is(element, type));
  switch (definition.$type) {
    case 'bpmn:TimerEventDefinition': return timer(kit, element, current);
    case 'bpmn:MessageEventDefinition': return [reference(kit, element, current, 'bpmn:Message', 'messageRef', studio.choices.messages)];
    case 'bpmn:SignalEventDefinition': return [reference(kit, element, current, 'bpmn:Signal', 'signalRef')];
    case 'bpmn:ErrorEventDefinition': return [reference(kit, element, current, 'bpmn:Error', 'errorRef', [], 'errorCode')];
    case 'bpmn:EscalationEventDefinition': return [reference(kit, element, current, 'bpmn:Escalation', 'escalationRef', [], 'escalationCode')];
    case 'bpmn:ConditionalEventDefinition': return [child(element, current, 'condition')];
    case 'bpmn:LinkEventDefinition': return [{
      key: 'link', kind: 'text', ...words('link'), get: () => current().name ?? '', set: (value) => write.update(element, current(), { name: value }),
    }];
    case 'bpmn:CompensateEventDefinition': return catching ? [] : [
      { key: 'activityRef', kind: 'select', ...words('activityRef'), options: [{ id: '', title: say('compensate-all') }, ...studio.activities(element)],
        get: () => current().activityRef?.id ?? '', set: (id) => write.update(element, current(), { activityRef: id ? getBusinessObject(studio.modeler.get('elementRegistry').get(id)) : undefined }) },
      flag(element, current, 'waitForCompletion'),
    ];
    default: return [];
  }
}

function timer(kit, element, current) {
  const { studio, words } = kit;
  const { write, say } = studio;
  const kind = () => TIMES.find((name) => current().get(name)) ?? '';
  const body = () => (kind() ? current().get(kind()).body ?? '' : '');
  const put = (name, text) => write.update(element, current(), Object.fromEntries(TIMES.map((one) => [one, one === name ? write.make('bpmn:FormalExpression', { body: text }, current()) : undefined])));
  return [
    { key: 'timer', kind: 'select', ...words('timer'), options: [{ id: '', title: say('none') }, ...TIMES.map((id) => ({ id, title: say(`timer-${id}`) }))], get: kind, set: (name) => put(name, body()) },
    { key: 'time', kind: 'feel', feel: 'template', ...words('time'), element: getBusinessObject(element).id, get: body, set: (text) => put(kind() || 'timeDate', text), snippets: studio.snippets('time') },
  ];
}

/** A message, signal, error or escalation by its name (or code); a new name makes a new one. */
function reference(kit, element, object, type, attribute, offered = [], code = '') {
  const { studio, words } = kit;
  const { write } = studio;
  const named = (one) => (code && one?.[code]) || one?.name || '';
  const known = () => studio.roots(type).map(named);
  return {
    key: attribute, kind: 'text', ...words(attribute), options: [...new Set([...known(), ...offered])].filter(Boolean).map((id) => ({ id })),
    get: () => named(object()[attribute]),
    set: (value) => {
      const name = value.trim();
      const found = studio.roots(type).find((one) => named(one) === name);
      const root = name ? found ?? write.root(type, name, code ? { [code]: name } : {}) : undefined;
      write.reference(element, object(), attribute, root);
    },
  };
}
