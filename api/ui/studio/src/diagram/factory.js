/** New elements get ids that people can read in a file, a condition or a journal: what they are, and a number. */
import BpmnFactory from 'bpmn-js/lib/features/modeling/BpmnFactory';
import { is } from 'bpmn-js/lib/util/ModelUtil';

const STEMS = [
  ['bpmn:UserTask', 'task'], ['bpmn:ManualTask', 'task'], ['bpmn:ServiceTask', 'service'], ['bpmn:ScriptTask', 'script'],
  ['bpmn:BusinessRuleTask', 'decide'], ['bpmn:SendTask', 'send'], ['bpmn:ReceiveTask', 'receive'], ['bpmn:CallActivity', 'call'],
  ['bpmn:Activity', 'step'], ['bpmn:Gateway', 'way'], ['bpmn:StartEvent', 'begin'], ['bpmn:EndEvent', 'end'], ['bpmn:BoundaryEvent', 'on'],
  ['bpmn:Event', 'event'], ['bpmn:SequenceFlow', 'flow'], ['bpmn:MessageFlow', 'message_flow'], ['bpmn:LaneSet', 'lanes'], ['bpmn:Lane', 'lane'],
  ['bpmn:Participant', 'pool'], ['bpmn:Collaboration', 'collaboration'], ['bpmn:Message', 'message'],
];

/** Ids of other diagrams of the package: one case may run through all of them, so an id stands once. */
export const taken = new Set();

class ReadableFactory extends BpmnFactory {
  constructor(moddle) {
    super(moddle);
    this._moddle = moddle;
  }

  _ensureId(element) {
    const stem = element.id ? null : STEMS.find(([type]) => is(element, type))?.[1];
    if (stem) {
      const { ids } = this._moddle;
      let number = 1;
      while (ids.assigned(`${stem}_${number}`) || taken.has(`${stem}_${number}`)) number += 1;
      element.id = `${stem}_${number}`;
      ids.claim(element.id, element);
      return;
    }
    super._ensureId(element);
  }
}
ReadableFactory.$inject = ['moddle'];

export const readableIds = { bpmnFactory: ['type', ReadableFactory] };
