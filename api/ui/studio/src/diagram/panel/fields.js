/**
 * The fields of the settings panel. Each maker returns { node, refresh(), commit(), destroy() }: `refresh` takes what the model
 * says (unless somebody types just now), `commit` hands over what was typed and not yet taken.
 */
import { feelField } from '../../feel/index.js';
import { h, later } from '../dom.js';

const WAIT_MS = 500;
let counter = 0;

/** The maker for a field's kind. */
export function fieldOf(field, studio) {
  return (MAKERS[field.kind] ?? text)(field, studio);
}

function framed(field, studio, id, control, extra = []) {
  const help = field.help && h('p', { class: 'help', id: `${id}-help`, text: field.help });
  const label = h('label', { for: id, text: field.label });
  return h('div', { class: `panel-field kind-${field.kind}`, 'data-field': field.key }, label, help, control, ...extra);
}

function described(field, id) { return field.help ? `${id}-help` : undefined; }

function text(field, studio) {
  const id = `f-${field.key}-${++counter}`;
  const tag = field.kind === 'area' ? 'textarea' : 'input';
  const list = field.options?.length ? `${id}-list` : undefined;
  const told = h('p', { class: 'panel-wrong', role: 'alert', hidden: true });
  const commit = later(WAIT_MS, () => {
    const wrong = field.check?.(control.value);
    told.hidden = !wrong;
    told.textContent = wrong ?? '';
    control.setAttribute('aria-invalid', String(Boolean(wrong)));
    if (!wrong && control.value !== field.get()) field.set(control.value);
  });
  const control = h(tag, {
    id, value: field.get(), list, 'aria-describedby': described(field, id), readonly: !studio.editable || field.readOnly || undefined,
    autocomplete: 'off', rows: tag === 'textarea' ? '3' : undefined, type: tag === 'input' ? (field.type ?? 'text') : undefined,
    oninput: () => commit(), onchange: () => { commit(); commit.now(); },
  });
  control.value = field.get();
  const options = list && h('datalist', { id: list }, field.options.map((one) => h('option', { value: one.id, text: one.title ?? '' })));
  return {
    node: framed(field, studio, id, control, [options, told]),
    refresh: () => { if (document.activeElement !== control) control.value = field.get(); },
    commit: commit.now,
    destroy: commit.now,
  };
}

function select(field, studio) {
  const id = `f-${field.key}-${++counter}`;
  const control = h('select', {
    id, 'aria-describedby': described(field, id), disabled: !studio.editable,
    onchange: () => field.set(control.value),
  });
  const fill = () => {
    const value = field.get();
    const options = [...field.options];
    if (value && !options.some((one) => one.id === value)) options.push({ id: value, title: `${value} (${studio.say('unknown')})` });
    control.replaceChildren(...options.map((one) => h('option', { value: one.id, text: one.title, selected: one.id === value })));
    control.value = value;
  };
  fill();
  return { node: framed(field, studio, id, control, field.after?.() ?? []), refresh: fill, commit() {}, destroy() {} };
}

function check(field, studio) {
  const id = `f-${field.key}-${++counter}`;
  const control = h('input', { id, type: 'checkbox', disabled: !studio.editable, 'aria-describedby': described(field, id), onchange: () => field.set(control.checked) });
  control.checked = field.get();
  return {
    node: h('div', { class: 'panel-field kind-check', 'data-field': field.key },
      h('label', { class: 'panel-check', for: id }, control, h('span', { text: field.label })),
      field.help && h('p', { class: 'help', id: `${id}-help`, text: field.help })),
    refresh: () => { control.checked = field.get(); },
    commit() {}, destroy() {},
  };
}

/** FEEL with completion and faults; what is typed is taken when the typing rests, and at the latest when the field is left. */
function feel(field, studio) {
  const id = `f-${field.key}-${++counter}`;
  const mark = field.mark ?? '';
  const shown = () => { const value = field.get(); return mark && value.startsWith(mark) ? value.slice(mark.length) : value; };
  const written = (value) => (value.trim() && mark && !value.startsWith(mark) ? `${mark}${value}` : value.trim() ? value : '');
  const place = h('div', { class: 'panel-feel' });
  const commit = later(WAIT_MS, () => { if (written(editor.get()) !== field.get()) field.set(written(editor.get())); });
  const editor = feelField({
    parent: place, value: shown(), kind: field.feel ?? 'expression', label: field.label, id, process: studio.process, path: studio.path(),
    element: field.element ?? '', words: studio.words, readOnly: !studio.editable, hint: field.hint ?? '', onChange: () => commit(),
  });
  place.addEventListener('focusout', () => commit.now());
  const node = h('div', { class: 'panel-field kind-feel', 'data-field': field.key },
    h('span', { class: 'panel-label', text: field.label, onclick: () => editor.focus() }),
    field.help && h('p', { class: 'help', text: field.help }), place,
    (field.snippets ?? []).length && studio.editable && h('p', { class: 'panel-snippets' }, field.snippets.map((one) => h('button', {
      type: 'button', class: 'plain', text: one.title,
      onclick: () => { editor.set(one.insert(editor.get())); field.set(written(editor.get())); editor.focus(); editor.check(); },
    }))));
  return {
    node,
    refresh: () => { if (!place.contains(document.activeElement)) editor.set(shown()); },
    commit: commit.now,
    destroy: () => { commit.now(); editor.destroy(); },
  };
}

/** Several of many: what is chosen with a button to take it away, and a search among the rest by id or words. */
function several(field, studio) {
  const id = `f-${field.key}-${++counter}`;
  const chosen = h('ul', { class: 'picked' });
  const found = h('ul', { class: 'pick-found', id: `${id}-found`, hidden: true });
  const count = h('p', { class: 'quiet small', role: 'status' });
  const search = h('input', {
    id, type: 'search', autocomplete: 'off', placeholder: field.placeholder ?? studio.say('pick-search'), 'aria-describedby': described(field, id),
    oninput: () => list(), onfocus: () => list(),
    onkeydown: (event) => {
      if (event.key === 'Escape') { found.hidden = true; event.stopPropagation(); }
      if (event.key === 'ArrowDown') { found.querySelector('button')?.focus(); event.preventDefault(); }
      if (event.key === 'Enter') { event.preventDefault(); found.querySelector('button')?.click(); }
    },
  });
  const known = (name) => field.options.find((one) => one.id === name);
  const values = () => field.get().split(/[\s,，、;；]+/).filter(Boolean);
  const put = (list) => { field.set(list.join(' ')); refresh(); };

  function list() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const rest = field.options.filter((one) => !values().includes(one.id));
    const fitting = rest.filter((one) => words.every((word) => `${one.id} ${one.title} ${one.text ?? ''}`.toLowerCase().includes(word)));
    found.replaceChildren(...fitting.slice(0, 30).map((one) => h('li', {}, h('button', {
      type: 'button', class: 'pick', onclick: () => { put([...values(), one.id]); search.value = ''; list(); search.focus(); },
      onkeydown: (event) => {
        const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
        if (step) { event.preventDefault(); (event.currentTarget.parentElement[step]?.querySelector('button') ?? search).focus(); }
        if (event.key === 'Escape') { event.stopPropagation(); search.focus(); }
      },
    }, h('strong', { text: one.title || one.id }), h('span', { class: 'quiet', text: one.title ? ` ${one.id}` : '' }),
      one.now === false && h('span', { class: 'mark-old', text: ` ${studio.say('not-in-force')}` }), one.text && h('span', { class: 'pick-text', text: one.text })))));
    count.textContent = words.length ? studio.say('pick-count', { count: fitting.length }) : '';
    found.hidden = !fitting.length;
  }

  function refresh() {
    chosen.replaceChildren(...values().map((name) => {
      const one = known(name);
      return h('li', { title: one?.text }, h('span', { text: one?.title ? `${one.title} ` : '' }), h('span', { class: one?.title ? 'quiet small' : '', text: name }),
        !one && h('span', { class: 'mark-old', text: ` ${studio.say('unknown')}` }), one?.now === false && h('span', { class: 'mark-old', text: ` ${studio.say('not-in-force')}` }),
        studio.editable && h('button', { type: 'button', class: 'plain', 'aria-label': studio.say('pick-remove', { name: one?.title ?? name }), text: '×', onclick: () => { put(values().filter((other) => other !== name)); search.focus(); } }));
    }));
  }
  refresh();
  const node = framed(field, studio, id, h('div', { class: 'picker' }, chosen, studio.editable && search, studio.editable && found, studio.editable && count));
  node.addEventListener('focusout', (event) => { if (!node.contains(event.relatedTarget)) found.hidden = true; });
  return { node, refresh, commit() {}, destroy() {} };
}

/** Plain facts and links. What stays the same stays in the page: a list just opened or a button just pressed is not exchanged. */
function facts(field) {
  const node = h('div', { class: 'panel-field kind-facts', 'data-field': field.key });
  let shown = '';
  const refresh = () => {
    const nodes = field.nodes();
    const now = nodes.map((one) => one.outerHTML).join('');
    if (now !== shown) node.replaceChildren(...nodes);
    shown = now;
  };
  refresh();
  return { node, refresh, commit() {}, destroy() {} };
}

const MAKERS = { text, area: text, select, check, feel, several, facts };
