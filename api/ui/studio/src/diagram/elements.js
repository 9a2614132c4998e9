/** All elements as a list: by scope and lane in the order of the picture; everything can be reached and changed by keys. */
import { getBusinessObject, is } from '../model/settings.js';
import { h, later } from './dom.js';

export function elementList(studio, place) {
  const { say } = studio;
  const search = h('input', { id: 'elements-search', type: 'search', autocomplete: 'off', oninput: () => filter() });
  const count = h('p', { class: 'quiet small', role: 'status' });
  const list = h('div', { class: 'element-list' });
  place.append(h('label', { for: 'elements-search', text: say('elements-search') }), search, count, list);
  const buttons = new Map();

  function fill() {
    buttons.clear();
    const registry = studio.modeler.get('elementRegistry');
    const all = registry.filter((one) => !one.labelTarget && one.parent && !is(one, 'bpmn:LaneSet') && getBusinessObject(one)?.$type);
    const groups = new Map();
    for (const one of all.filter((element) => is(element, 'bpmn:FlowNode') || is(element, 'bpmn:Artifact') || is(element, 'bpmn:DataObjectReference') || is(element, 'bpmn:DataStoreReference'))) {
      const key = groupOf(one);
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    const frames = all.filter((one) => is(one, 'bpmn:Participant') || is(one, 'bpmn:Lane'));
    const flows = all.filter((one) => is(one, 'bpmn:SequenceFlow') || is(one, 'bpmn:MessageFlow'));
    const made = [];
    if (frames.length) made.push(section(say('elements-frames'), frames));
    for (const [title, elements] of groups) made.push(section(title, elements.sort((a, b) => a.x - b.x || a.y - b.y)));
    if (flows.length) made.push(section(say('elements-flows'), flows));
    list.replaceChildren(...made);
    filter();
    mark();
  }

  function groupOf(element) {
    const scope = element.parent && is(element.parent, 'bpmn:SubProcess') ? studio.titleOf(element.parent) : '';
    const lane = studio.lanes().find((one) => (getBusinessObject(one).flowNodeRef ?? []).includes(getBusinessObject(element)));
    return scope || (lane ? studio.titleOf(lane) : say('elements-other'));
  }

  function section(title, elements) {
    return h('section', {}, h('h3', { text: title }), h('ul', {}, elements.map((one) => {
      const object = getBusinessObject(one);
      const button = h('button', { type: 'button', class: 'element-row', 'data-element': one.id, onclick: () => studio.select(one.id), onkeydown: walk },
        h('span', { class: 'element-sign', 'data-sign': one.id }), h('span', { class: 'element-name', text: studio.titleOf(one) }),
        h('span', { class: 'quiet small', text: ` ${studio.typeOf(one)}` }), h('span', { class: 'quiet small', text: ` ${object.id}` }));
      button.addEventListener('dblclick', () => studio.select(one.id, true));
      buttons.set(one.id, button);
      return h('li', {}, button);
    })));
  }

  /** Arrows go through the list, Enter selects, a second Enter goes to the settings. */
  function walk(event) {
    const rows = [...list.querySelectorAll('button.element-row')].filter((one) => one.offsetParent !== null);
    const at = rows.indexOf(event.currentTarget);
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length }[event.key];
    if (step) { event.preventDefault(); rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus(); }
    if (event.key === 'Enter' && event.currentTarget.getAttribute('aria-current') === 'true') { event.preventDefault(); studio.select(event.currentTarget.dataset.element, true); }
  }

  function filter() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const button of buttons.values()) {
      const fits = words.every((word) => button.textContent.toLowerCase().includes(word));
      button.parentElement.hidden = !fits;
      shown += fits;
    }
    for (const one of list.querySelectorAll('section')) one.hidden = !one.querySelector('li:not([hidden])');
    count.textContent = say('elements-count', { count: shown });
  }

  function mark() {
    const chosen = new Set(studio.modeler.get('selection').get().map((one) => one.labelTarget?.id ?? one.id));
    for (const [id, button] of buttons) {
      if (chosen.has(id)) button.setAttribute('aria-current', 'true'); else button.removeAttribute('aria-current');
    }
  }

  return { fill, mark, later: later(300, fill), button: (id) => buttons.get(id) };
}
