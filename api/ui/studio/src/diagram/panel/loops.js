/** Several instances of one activity, and plain loops. */
import { getBusinessObject, is, setting } from '../../model/settings.js';

const EVENTS = { One: 'oneBehaviorEventRef', None: 'noneBehaviorEventRef' };

export function loopGroup(kit, element) {
  if (!is(element, 'bpmn:Activity')) return [];
  const { studio, words, own, flag, child } = kit;
  const { write, say } = studio;
  const loop = () => getBusinessObject(element).loopCharacteristics;
  const several = () => (loop() && is(loop(), 'bpmn:MultiInstanceLoopCharacteristics') ? loop() : undefined);
  const kind = () => (several() ? (loop().isSequential ? 'sequential' : 'parallel') : loop() ? 'standard' : '');
  const choose = (wished) => {
    if (!wished) return write.attributes(element, { loopCharacteristics: undefined });
    if (wished !== 'standard' && several()) return write.update(element, loop(), { isSequential: wished === 'sequential' });
    const type = wished === 'standard' ? 'bpmn:StandardLoopCharacteristics' : 'bpmn:MultiInstanceLoopCharacteristics';
    const values = wished === 'standard' ? {} : { isSequential: wished === 'sequential' };
    return write.attributes(element, { loopCharacteristics: write.make(type, values, getBusinessObject(element)) });
  };
  const fields = [{ key: 'loop', kind: 'select', ...words('loop'), options: ['', 'parallel', 'sequential', 'standard'].map((id) => ({ id, title: say(`loop-${id || 'none'}`) })), get: kind, set: choose }];
  if (several()) {
    // A list named by a data input stays one; else it is one of our settings.
    const item = (name, part) => ({
      ...own(element, name, { kind: name === 'item' ? 'text' : 'feel' }),
      get: () => setting(element, name) || loop()[part]?.name || loop()[part]?.id || '',
      set: (value) => (loop()[part] ? write.update(element, loop()[part], { name: value }) : write.settings(element, { [name]: value })),
    });
    const named = (name, part) => ({
      ...own(element, name, { kind: name === 'output' ? 'text' : 'feel' }),
      get: () => setting(element, name) || loop()[part]?.name || loop()[part]?.id || '',
    });
    fields.push(
      named('collection', 'loopDataInputRef'), item('item', 'inputDataItem'), child(element, loop, 'loopCardinality'),
      named('output', 'loopDataOutputRef'), item('output_item', 'outputDataItem'), child(element, loop, 'completionCondition'),
      behaviour(kit, element, loop),
    );
    if (EVENTS[loop().behavior]) fields.push(behaviourEvent(kit, element, loop));
  } else if (loop()) {
    fields.push(child(element, loop, 'loopCondition'), {
      key: 'loopMaximum', kind: 'text', type: 'number', ...words('loopMaximum'), get: () => String(loop().loopMaximum ?? ''),
      set: (value) => write.update(element, loop(), { loopMaximum: value ? Number(value) : undefined }),
    }, flag(element, loop, 'testBefore'));
  }
  if (is(element, 'bpmn:Activity')) fields.push(flag(element, () => getBusinessObject(element), 'isForCompensation'));
  return fields;
}

function behaviour(kit, element, loop) {
  const { studio, words } = kit;
  return {
    key: 'behavior', kind: 'select', ...words('behavior'), options: ['All', 'One', 'None'].map((id) => ({ id, title: studio.say(`behavior-${id}`) })),
    get: () => loop().behavior ?? 'All', set: (value) => studio.write.update(element, loop(), { behavior: value }),
  };
}

/** The event that instances throw as they complete: one of the definitions that stand beside the processes. */
function behaviourEvent(kit, element, loop) {
  const { studio, words } = kit;
  const name = EVENTS[loop().behavior];
  const known = studio.roots('bpmn:EventDefinition');
  return {
    key: 'behaviorEvent', kind: 'select', ...words('behaviorEvent'), options: [{ id: '', title: studio.say('none') }, ...known.map((one) => ({ id: one.id, title: one.id }))],
    get: () => loop()[name]?.id ?? '', set: (id) => studio.write.update(element, loop(), { [name]: known.find((one) => one.id === id) }),
  };
}
