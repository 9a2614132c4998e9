/** The palette by keys: each entry is reached by Tab, Enter uses a tool or puts a new element into the middle of what is seen. */
import { is } from '../model/settings.js';

const MADE = {
  'create.start-event': { type: 'bpmn:StartEvent' }, 'create.intermediate-event': { type: 'bpmn:IntermediateThrowEvent' },
  'create.end-event': { type: 'bpmn:EndEvent' }, 'create.exclusive-gateway': { type: 'bpmn:ExclusiveGateway' }, 'create.task': { type: 'bpmn:Task' },
  'create.data-object': { type: 'bpmn:DataObjectReference' }, 'create.data-store': { type: 'bpmn:DataStoreReference' },
  'create.subprocess-expanded': { type: 'bpmn:SubProcess', isExpanded: true }, 'create.group': { type: 'bpmn:Group' },
};

export function paletteByKeys(studio) {
  const { modeler } = studio;
  const frame = modeler.get('canvas').getContainer().querySelector('.djs-palette');
  if (!frame) return;
  const reach = () => { for (const one of frame.querySelectorAll('.entry')) one.tabIndex = 0; };
  reach();
  modeler.get('eventBus').on('palette.changed', reach);
  frame.addEventListener('keydown', (event) => {
    const entry = event.target.closest('.entry');
    if (!entry || !['Enter', ' '].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const { action } = entry.dataset;
    if (action === 'create.participant-expanded') studio.select(pool(modeler));
    else if (MADE[action]) studio.select(create(studio, MADE[action]));
    else modeler.get('palette').triggerEntry(action, 'click', event);
  });
}

function middle(modeler) {
  const { x, y, width, height } = modeler.get('canvas').viewbox();
  return { x: Math.round((x + width / 2) / 10) * 10, y: Math.round((y + height / 2) / 10) * 10 };
}

function create(studio, attributes) {
  const { modeler } = studio;
  const shape = modeler.get('elementFactory').createShape(attributes);
  const root = modeler.get('canvas').getRootElement();
  const pools = modeler.get('elementRegistry').filter((one) => is(one, 'bpmn:Participant') && !one.labelTarget);
  const point = middle(modeler);
  const over = pools.find((one) => point.x > one.x && point.x < one.x + one.width && point.y > one.y && point.y < one.y + one.height) ?? pools[0];
  const at = over ? { x: clamp(point.x, over.x + 90, over.x + over.width - 90), y: clamp(point.y, over.y + 50, over.y + over.height - 50) } : point;
  return modeler.get('modeling').createShape(shape, at, over ?? root);
}

function pool(modeler) {
  const shape = modeler.get('elementFactory').createParticipantShape();
  const root = modeler.get('canvas').getRootElement();
  return modeler.get('modeling').createShape(shape, middle(modeler), root);
}

function clamp(value, least, most) { return Math.max(least, Math.min(most, value)); }
