/** Which settings an element has, group by group. Every setting that the engine reads stands here (tests hold that). */
import { definitionsOf, getBusinessObject, holderOf, is, setting } from '../../model/settings.js';
import { eventGroup } from './events.js';
import { loopGroup } from './loops.js';
import { structureGroup } from './structure.js';
import { formFacts, laneFields, rightsFacts } from './people.js';
import { callFields, decisionFields, flowFields, scriptFields } from './calls.js';

const PEOPLE = ['bpmn:UserTask', 'bpmn:ManualTask'];
export const isAny = (element, types) => types.some((type) => is(element, type));

/** Makes the declarations for one studio. */
export function groups(studio) {
  const { say, write, choices } = studio;
  const words = (key) => ({ label: say(`f-${key}`), help: studio.words[`diagram.h-${key}`] });

  const kit = {
    studio,
    words,
    /** One of our settings. */
    own: (element, key, more = {}) => ({
      key, setting: key, ...words(key), get: () => setting(element, key), set: (value) => write.settings(element, { [key]: value }),
      element: getBusinessObject(element).id, ...more,
    }),
    attribute: (element, key, more = {}) => ({
      key, ...words(key), get: () => holderOf(element)[key] ?? '', set: (value) => write.attributes(element, { [key]: value || undefined }), ...more,
    }),
    flag: (element, object, key, more = {}) => ({
      key, kind: 'check', ...words(key), get: () => Boolean(object().get(key)), set: (value) => write.update(element, object(), { [key]: value }), ...more,
    }),
    /** The FEEL of a child element. */
    child: (element, object, name, more = {}) => ({
      key: name, kind: 'feel', ...words(name), element: getBusinessObject(element).id, get: () => object()?.get(name)?.body ?? '',
      set: (value) => write.expression(element, object(), name, value), ...more,
    }),
  };

  const own = kit.own;
  const feel = (element, key, more = {}) => own(element, key, { kind: 'feel', mark: '=', ...more });
  const options = (list, empty) => [{ id: '', title: empty ?? say('none') }, ...list];

  function general(element) {
    const object = holderOf(element);
    return [
      kit.attribute(element, 'name', { kind: 'area' }),
      { ...kit.attribute(element, 'id', { kind: 'text', readOnly: is(element, 'bpmn:Participant') || is(object, 'bpmn:Process') }),
        check: (value) => studio.wrongId(element, value), set: (value) => studio.rename(element, value) },
      { key: 'documentation', kind: 'area', ...words('documentation'), get: () => object.documentation?.[0]?.text ?? '', set: (value) => write.documentation(element, value) },
    ];
  }

  function people(element) {
    if (!isAny(element, [...PEOPLE, 'bpmn:CallActivity', 'bpmn:SubProcess'])) return [];
    const person = isAny(element, PEOPLE);
    const overdue = ['remind', 'escalate', 'silence-is-consent'].map((id) => ({ id, title: say(`overdue-${id}`) }));
    const tasks = studio.tasks(element);
    const verbs = choices.verbs.map((id) => ({ id, title: say(`verb-${id}`) }));
    return [
      ...laneFields(kit, element),
      person && rightsFacts(kit, element),
      is(element, 'bpmn:UserTask') && formFacts(kit, element),
      feel(element, 'deadline', { snippets: studio.snippets('deadline') }),
      own(element, 'on_overdue', { kind: 'select', options: options(overdue, say('overdue-none')) }),
      feel(element, 'assign', { snippets: studio.snippets('assign') }),
      own(element, 'separate_from', { kind: 'several', options: tasks }),
      person && own(element, 'verbs', { kind: 'several', options: verbs }),
      person && own(element, 'send_back_to', { kind: 'several', options: tasks }),
      truth(element, 'irrevocable'),
      person && truth(element, 'batch'),
    ];
  }

  function truth(element, key) {
    return own(element, key, { kind: 'check', get: () => setting(element, key) === 'true', set: (value) => write.settings(element, { [key]: value ? 'true' : '' }) });
  }

  /** Automatic work: services, and what any activity may hand over or receive. */
  function work(element) {
    const service = is(element, 'bpmn:ServiceTask');
    const receives = service || isAny(element, ['bpmn:ScriptTask', 'bpmn:BusinessRuleTask', 'bpmn:CallActivity', 'bpmn:SubProcess', 'bpmn:ReceiveTask'])
      || catches(element);
    return [
      ...scriptFields(kit, element), ...decisionFields(kit, element), ...callFields(kit, element),
      service && own(element, 'operation', { kind: 'text', options: choices.operations.map((id) => ({ id, title: studio.words[`diagram.op-${id}`] ?? '' })) }),
      service && own(element, 'document', { kind: 'text', options: choices.papers }),
      (service || isAny(element, ['bpmn:CallActivity', 'bpmn:SubProcess']) || setting(element, 'notice') || setting(element, 'document') || setting(element, 'input'))
        && feel(element, 'input', { snippets: service ? studio.snippets('input') : [] }),
      receives && own(element, 'result', { kind: 'text', get: () => setting(element, 'result') || operatorOf(element)?.resultVariable || '' }),
      service && operatorOf(element) && operatorFacts(element),
      service && own(element, 'publish_mask', { kind: 'text' }),
      service && truth(element, 'irrevocable'),
    ];
  }


  function operatorFacts(element) {
    return { key: 'operator', kind: 'facts', nodes: () => {
      const operator = operatorOf(element);
      const entries = (operator?.parameterList?.parameters ?? []).map((one) => `${one.id} = ${one.value}`);
      return operator ? [`${say('f-operator')}${operator.id}`, entries.length ? ` (${entries.join('; ')})` : ''] : [];
    } };
  }

  function law(element) {
    if (!is(element, 'bpmn:FlowNode')) return [];
    return [own(element, 'law', { kind: 'several', options: choices.articles, placeholder: say('law-search') })];
  }

  function notices(element) {
    if (!is(element, 'bpmn:FlowNode')) return [];
    return [own(element, 'notice', { kind: 'text', options: choices.notices.map((id) => ({ id })) })];
  }

  function clocks(element) {
    if (!is(element, 'bpmn:FlowNode')) return [];
    const start = is(element, 'bpmn:StartEvent') && is(getBusinessObject(element).$parent, 'bpmn:Process');
    return [
      feel(element, 'clock', { snippets: studio.snippets('clock') }),
      start && feel(element, 'promised', { snippets: studio.snippets('promised') }),
      start && feel(element, 'statutory', { snippets: studio.snippets('statutory') }),
    ];
  }

  function hearing(element) {
    if (!isAny(element, ['bpmn:UserTask', 'bpmn:CallActivity', 'bpmn:SubProcess', 'bpmn:ServiceTask'])) return [];
    const effects = is(element, 'bpmn:ServiceTask') ? ['reduce', 'stop', 'recover'] : ['hearing'];
    return [
      own(element, 'effect', { kind: 'select', options: options(effects.map((id) => ({ id, title: say(`effect-${id}`) }))) }),
      feel(element, 'about'),
    ];
  }

  /** Settings that stand in the file and that nothing here knows: shown as they are, so that nobody overlooks them. */
  function unknown(element, known) {
    return studio.settingNames(element).filter((name) => name && !known.has(name))
      .map((name) => own(element, name, { kind: 'text', label: name, help: undefined }));
  }

  return (element) => {
    const made = [
      ['general', general(element)], ['structure', structureGroup(kit, element)], ['flow', flowFields(kit, element)], ['event', eventGroup(kit, element)],
      ['people', people(element)], ['work', work(element)], ['loop', loopGroup(kit, element)], ['law', law(element)], ['notices', notices(element)],
      ['clocks', clocks(element)], ['hearing', hearing(element)],
    ].map(([id, fields]) => ({ id, title: say(`g-${id}`), fields: fields.filter(Boolean) }));
    const known = new Set(made.flatMap((group) => group.fields.map((field) => field.setting)));
    for (const name of ['decision']) known.add(name);
    made.push({ id: 'other', title: say('g-other'), fields: is(element, 'bpmn:FlowNode') ? unknown(element, known) : [] });
    return made.filter((group) => group.fields.length);
  };
}

function catches(element) {
  return isAny(element, ['bpmn:StartEvent', 'bpmn:IntermediateCatchEvent', 'bpmn:BoundaryEvent'])
    && definitionsOf(element).some((one) => is(one, 'bpmn:MessageEventDefinition') || is(one, 'bpmn:SignalEventDefinition'));
}

export function operatorOf(element) {
  return (getBusinessObject(element).extensionElements?.values ?? []).find((one) => is(one, 'spiffworkflow:ServiceTaskOperator'));
}

