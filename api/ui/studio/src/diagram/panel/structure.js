/** Building without a mouse: what comes next, where a flow leads, what kind of step it is, where it stands. */
import { getBusinessObject, is } from '../../model/settings.js';
import { h } from '../dom.js';
import { append, insert } from '../placing.js';

const NEXT = [
  ['bpmn:UserTask'], ['bpmn:ServiceTask'], ['bpmn:BusinessRuleTask'], ['bpmn:ScriptTask'], ['bpmn:CallActivity'], ['bpmn:SubProcess', { isExpanded: true }],
  ['bpmn:ExclusiveGateway'], ['bpmn:ParallelGateway'], ['bpmn:InclusiveGateway'], ['bpmn:EventBasedGateway'],
  ['bpmn:IntermediateCatchEvent', {}, 'bpmn:MessageEventDefinition'], ['bpmn:IntermediateCatchEvent', {}, 'bpmn:TimerEventDefinition'],
  ['bpmn:IntermediateThrowEvent', {}, 'bpmn:MessageEventDefinition'], ['bpmn:EndEvent'], ['bpmn:EndEvent', {}, 'bpmn:TerminateEventDefinition'],
];
const BOUNDARY = ['bpmn:TimerEventDefinition', 'bpmn:MessageEventDefinition', 'bpmn:ErrorEventDefinition', 'bpmn:EscalationEventDefinition', 'bpmn:ConditionalEventDefinition', 'bpmn:SignalEventDefinition'];

export function structureGroup(kit, element) {
  const { studio } = kit;
  if (!studio.editable || element.type === 'label') return [];
  return [{ key: 'structure', kind: 'facts', nodes: () => rows(studio, element) }];
}

function rows(studio, element) {
  const { say, modeler } = studio;
  const object = getBusinessObject(element);
  const made = [];
  const name = (type, definition) => say(`type-${type.slice(5)}${definition ? `-${definition.slice(5).replace('EventDefinition', '')}` : ''}`);
  const chooser = (key, options, act) => {
    const select = h('select', { 'aria-label': say(key) }, h('option', { value: '', text: say(key) }), options.map(([value, text]) => h('option', { value, text })));
    return h('p', { class: 'row structure-row' }, select, h('button', { type: 'button', text: say('do-it'), onclick: () => { if (select.value !== '') act(select.value); } }));
  };
  const kinds = (fits) => NEXT.map(([type, , definition], at) => [String(at), name(type, definition), type]).filter((one) => fits(one[2]));
  const shape = (at) => {
    const [type, values, definition] = NEXT[Number(at)];
    return modeler.get('elementFactory').createShape({ type, ...values, ...(definition ? { eventDefinitionType: definition } : {}) });
  };
  if (is(object, 'bpmn:SequenceFlow')) {
    made.push(chooser('insert', kinds((type) => type !== 'bpmn:EndEvent'), (at) => studio.select(insert(modeler, element, shape(at)))));
  }
  if (is(object, 'bpmn:FlowNode') && !is(object, 'bpmn:EndEvent') && !object.triggeredByEvent) {
    made.push(chooser('append', kinds(() => true), (at) => studio.select(append(modeler, element, shape(at)))));
    made.push(chooser('connect', studio.targets(element).map((one) => [one.id, studio.titleOf(one)]), (id) => {
      const flow = modeler.get('modeling').connect(element, modeler.get('elementRegistry').get(id));
      if (flow) studio.select(flow);
    }));
  }
  if (is(object, 'bpmn:Activity') && !object.triggeredByEvent) {
    made.push(chooser('attach', BOUNDARY.map((type) => [type, name('bpmn:BoundaryEvent', type)]), (type) => {
      const shape = modeler.get('elementFactory').createShape({ type: 'bpmn:BoundaryEvent', eventDefinitionType: type });
      studio.select(modeler.get('modeling').createShape(shape, { x: element.x + element.width - 20, y: element.y + element.height }, element, { attach: true }));
    }));
  }
  if (is(object, 'bpmn:Participant') || is(object, 'bpmn:Lane')) {
    made.push(h('p', { class: 'row structure-row' }, h('button', { type: 'button', text: say('lane-add'), onclick: () => studio.select(modeler.get('modeling').addLane(element, 'bottom')) })));
  }
  const buttons = [];
  if (is(object, 'bpmn:FlowNode')) {
    buttons.push(h('button', { type: 'button', text: say('change-type'), onclick: () => changeType(studio, element) }));
    for (const [key, x, y] of [['left', -20, 0], ['right', 20, 0], ['up', 0, -20], ['down', 0, 20]]) {
      buttons.push(h('button', { type: 'button', class: 'small-square', 'aria-label': say(`move-${key}`), text: { left: '←', right: '→', up: '↑', down: '↓' }[key],
        onclick: () => modeler.get('modeling').moveElements([element], { x, y }, undefined, { autoResize: true }) }));
    }
  }
  if (!is(object, 'bpmn:Process') && !is(object, 'bpmn:Collaboration')) {
    buttons.push(h('button', { type: 'button', class: 'danger', text: say('delete'), onclick: () => { modeler.get('modeling').removeElements([element]); studio.focusList(); } }));
  }
  if (buttons.length) made.push(h('p', { class: 'row structure-row' }, buttons));
  return made;
}

/** bpmn-js's own menu of kinds: it is searched and walked by keys. */
function changeType(studio, element) {
  const canvas = studio.modeler.get('canvas');
  canvas.scrollToElement(element);
  const box = canvas.getAbsoluteBBox(element);
  const frame = canvas.getContainer().getBoundingClientRect();
  studio.modeler.get('popupMenu').open(element, 'bpmn-replace', { x: frame.left + box.x + box.width + 8, y: frame.top + box.y }, { title: studio.say('change-type'), search: true });
}
