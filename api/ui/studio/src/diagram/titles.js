/** What an element is called where it is listed: by its name, else by what it stands between, its id, its kind. */
import { getBusinessObject, is } from '../model/settings.js';

export function titleOf(element, typeOf) {
  const object = getBusinessObject(element);
  if (is(object, 'bpmn:SequenceFlow') && !object.name) {
    const end = (one) => one?.name || one?.id || '…';
    return `${end(object.sourceRef)} → ${end(object.targetRef)}`;
  }
  if (is(object, 'bpmn:Participant') && !object.name) return object.processRef?.name || object.id;
  return object.name || object.id || typeOf(element);
}
