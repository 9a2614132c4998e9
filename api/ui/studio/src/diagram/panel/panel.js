/** The settings of what is selected, as fields; follows every change of the model, whoever made it. */
import { getBusinessObject } from '../../model/settings.js';
import { h } from '../dom.js';
import { fieldOf } from './fields.js';
import { groups } from './groups.js';

const CLOSED = 'banjian-studio-closed';

export function panel(studio, place) {
  const declared = groups(studio);
  let element = null, fields = [], signature = '';
  const closed = new Set(JSON.parse(localStorage.getItem(CLOSED) ?? '[]'));

  function clear() {
    const old = fields;
    fields = [];
    for (const one of old) one.destroy();
  }

  /** What the panel consists of; while it stays the same only the values are taken over, so that nobody loses the cursor. */
  function shape(made) { return JSON.stringify(made.map((group) => [group.id, group.fields.map((field) => `${field.key}:${field.kind}:${field.options?.length ?? ''}`)])); }

  function show(selected) {
    const focused = place.contains(document.activeElement) && document.activeElement.closest('[data-field]')?.dataset.field;
    const made = selected ? declared(selected) : [];
    const now = shape(made);
    if (selected === element && now === signature && fields.length) { for (const one of fields) one.refresh(); return; }
    const same = selected === element;
    clear();
    element = selected;
    signature = now;
    if (!selected) { place.replaceChildren(h('p', { class: 'quiet', text: studio.say('nothing-selected') })); return; }
    const object = getBusinessObject(selected);
    const head = h('h2', { class: 'panel-title' }, h('span', { class: 'quiet small', text: studio.typeOf(selected) }), h('br'), studio.titleOf(selected));
    place.replaceChildren(head, h('div', { class: 'panel-findings', id: 'panel-findings' }), ...made.map((group) => {
      const body = group.fields.map((field) => { const one = fieldOf(field, studio); fields.push(one); return one.node; });
      return h('details', { class: 'panel-group', 'data-group': group.id, open: !closed.has(group.id), ontoggle: (event) => remember(group.id, event.currentTarget.open) },
        h('summary', { text: group.title }), body);
    }));
    studio.emit('panel', { element: selected, id: object.id });
    if (same && focused) place.querySelector(`[data-field="${focused}"] input, [data-field="${focused}"] select, [data-field="${focused}"] textarea, [data-field="${focused}"] [contenteditable], [data-field="${focused}"] button`)?.focus();
  }

  function remember(group, open) {
    if (open) closed.delete(group); else closed.add(group);
    localStorage.setItem(CLOSED, JSON.stringify([...closed]));
  }

  return {
    show,
    /** Hand over what was typed and waits. */
    commit() { for (const one of fields) one.commit(); },
    refresh() { if (element) show(element); },
    field(key) { return place.querySelector(`[data-field="${key}"]`); },
    declared,
  };
}
