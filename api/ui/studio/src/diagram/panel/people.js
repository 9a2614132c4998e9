/** Who works on a step and what is asked there: lane, rights, form. */
import { getBusinessObject, is } from '../../model/settings.js';
import { h } from '../dom.js';

/** The lane that a node lies in, the innermost. */
export function laneOf(studio, element) {
  const object = getBusinessObject(element);
  const lanes = studio.lanes().filter((one) => (getBusinessObject(one).flowNodeRef ?? []).includes(object));
  return lanes[lanes.length - 1];
}

export function laneFields(kit, element) {
  const { studio, words } = kit;
  const lanes = studio.lanes();
  if (!lanes.length || !element.parent || is(element.parent, 'bpmn:SubProcess')) return [];
  return [{
    key: 'lane', kind: 'select', ...words('lane'), options: [{ id: '', title: studio.say('none') }, ...lanes.map((one) => ({ id: one.id, title: `${getBusinessObject(one).name || one.id} (${one.id})` }))],
    get: () => laneOf(studio, element)?.id ?? '',
    // Lanes hold what lies inside them: choosing one moves the box there, as dragging it would.
    set: (id) => {
      const lane = lanes.find((one) => one.id === id);
      if (!lane) return;
      const delta = { x: 0, y: Math.round(lane.y + lane.height / 2 - (element.y + element.height / 2)) };
      studio.modeler.get('modeling').moveElements([element], delta, lane.parent && is(lane.parent, 'bpmn:Lane') ? undefined : lane.parent);
    },
  }];
}

export function rightsFacts(kit, element) {
  const { studio } = kit;
  const { say } = studio;
  return { key: 'rights', kind: 'facts', nodes: () => {
    const lane = laneOf(studio, element);
    const who = lane ? studio.choices.rights[lane.id] ?? [] : [];
    const named = who.map((one) => studio.choices.roles.find((role) => role.id === one)?.name ?? one);
    return [
      h('span', { class: 'panel-label', text: say('f-rights') }),
      h('p', { class: who.length ? 'small' : 'small mark-old', text: !lane ? say('rights-no-lane') : who.length ? named.join('、') : say('rights-nobody') }),
      h('a', { href: `/studio/${studio.process}/rights`, text: say('open-rights') }),
    ];
  } };
}

/** The form of a task: it has the task's own id. One that is not there is made, empty or like another. */
export function formFacts(kit, element) {
  const { studio } = kit;
  const { say, choices } = studio;
  return { key: 'form', kind: 'facts', nodes: () => {
    const id = getBusinessObject(element).id;
    const found = choices.forms.find((one) => one.id === id);
    const label = h('span', { class: 'panel-label', text: say('f-form') });
    if (found) {
      return [label, h('p', { class: 'small', text: `${found.title || found.id} · ${found.path}` }),
        h('a', { href: `/studio/${studio.process}/forms/${found.path.replace(/^forms\//, '')}`, text: say('open-form') })];
    }
    if (!studio.editable) return [label, h('p', { class: 'small mark-old', text: say('form-none') })];
    const like = h('select', { 'aria-label': say('form-like') }, h('option', { value: '', text: say('form-empty') }),
      choices.forms.map((one) => h('option', { value: one.path, text: `${one.title || one.id} (${one.id})` })));
    return [label, h('p', { class: 'small mark-old', text: say('form-none') }), like,
      h('button', { type: 'button', text: say('form-make'), onclick: () => studio.makeForm(element, like.value) })];
  } };
}
