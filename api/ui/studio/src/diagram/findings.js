/** What the checks say, drawn on the elements and listed beside with the way to mend. */
import { h, later } from './dom.js';

const SIGNS = { error: '✕', warning: '!', info: 'i' };
const RANK = { error: 0, warning: 1, info: 2 };

/** Ids of all elements from a start event over the given stops, in order, by the shortest way between each two. */
function trail(registry, stops) {
  const starts = registry.filter((one) => one.type === 'bpmn:StartEvent' && !one.labelTarget && one.parent?.type !== 'bpmn:SubProcess');
  const on = [];
  let here = stops[0]?.type === 'bpmn:StartEvent' ? [stops[0]] : starts;
  for (const stop of stops) {
    const found = between(here, stop);
    on.push(...(found.length ? found : [stop]));
    here = [stop.waypoints ? stop.target : stop];
  }
  return [...new Set(on.map((one) => one.id))];
}

/** Elements from one of `starts` to `end`, flows included; nothing where no way leads there. */
function between(starts, end) {
  const came = new Map(starts.map((one) => [one, null]));
  const queue = [...starts];
  while (queue.length) {
    const here = queue.shift();
    if (here === end) {
      const path = [];
      for (let one = here; one; one = came.get(one)) path.unshift(one);
      return path;
    }
    const next = here.waypoints ? [here.target] : [...(here.outgoing ?? []), ...(here.attachers ?? [])];
    for (const one of next) if (one && !came.has(one)) { came.set(one, here); queue.push(one); }
  }
  return [];
}

export function findingsOf(studio, { list, count }) {
  const { say } = studio;
  let found = [], walked = [], running = 0, marked = [];
  const walkLater = later(1500, () => walk());

  const status = h('p', { class: 'quiet small', role: 'status' });
  const rows = h('div', {});
  const walkButton = h('button', { type: 'button', text: say('walk'), onclick: () => walk() });
  list.append(h('p', { class: 'row' }, h('button', { type: 'button', text: say('check-now'), onclick: async () => { await studio.flush(); load(); } }), walkButton), status, rows);

  const address = (more = '') => `/studio/${studio.process}/findings?${studio.version ? `version=${studio.version}&` : ''}${more}`;

  async function load() {
    const turn = ++running;
    status.textContent = say('checking');
    try {
      const answer = await fetch(address(), { headers: { accept: 'application/json' } });
      if (turn !== running) return;
      if (!answer.ok) { status.textContent = say('check-failed'); return; }
      const told = await answer.json();
      if (turn !== running) return;
      found = told.findings;
      draw();
      walkLater();
    } catch {
      if (turn === running) status.textContent = say('check-failed');
    }
  }

  /** The slow part: every situation the model can come to, with the way that leads there. */
  async function walk() {
    walkLater.drop();
    const turn = running;
    walkButton.disabled = true;
    try {
      const answer = await fetch(address('walk=1'), { headers: { accept: 'application/json' } });
      if (turn === running && answer.ok) {
        const told = await answer.json();
        walked = told.findings.filter((one) => !found.some((other) => same(one, other)));
        studio.emit('walked', told);
        draw(told.bounded);
      }
    } catch { /* offline: the next save asks again */ }
    walkButton.disabled = false;
  }

  function same(a, b) { return a.code === b.code && a.element === b.element && a.path === b.path && a.sentence === b.sentence; }

  function draw(bounded = false) {
    const all = [...found, ...walked.filter((one) => !found.some((other) => same(one, other)))].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
    const here = all.filter((one) => one.path === studio.path());
    const away = all.filter((one) => one.path !== studio.path());
    const worst = all[0]?.severity;
    count.textContent = all.length ? String(all.length) : '';
    count.className = worst ? `finding-count finding-${worst}` : '';
    const by = (severity) => all.filter((one) => one.severity === severity).length;
    status.textContent = (all.length ? say('findings-count', { errors: by('error'), warnings: by('warning'), infos: by('info') }) : say('findings-none')) + (bounded ? ` ${say('walk-bounded')}` : '');
    rows.replaceChildren(...section(say('findings-here'), here, true), ...section(say('findings-away'), away, false));
    badges(here);
    studio.emit('findings', all);
  }

  function section(title, items, inside) {
    if (!items.length) return [];
    return [h('h3', { text: title }), h('ul', { class: 'finding-list' }, items.map((one) => row(one, inside)))];
  }

  function row(one, inside) {
    const element = inside && one.element ? studio.element(one.element) : null;
    const title = element ? studio.titleOf(element) : one.element ? `${one.element}` : '';
    // Most sentences name the element themselves.
    const name = title && one.sentence.includes(title) ? '' : title;
    const body = [
      h('span', { class: `finding-sign finding-${one.severity}`, text: SIGNS[one.severity] }),
      h('span', { class: 'finding-body' }, name && h('strong', { text: name + say('colon') }), h('span', { text: one.sentence }), one.mend && h('span', { class: 'finding-mend', text: `${say('mend')}${one.mend}` }),
        !inside && h('span', { class: 'quiet small finding-path', text: one.path })),
    ];
    const path = wayOf(one);
    return h('li', {},
      element ? h('button', { type: 'button', class: 'finding-row', 'data-finding': one.code, 'data-element': one.element, onclick: () => { highlight(path); studio.select(element); } }, body)
        : inside ? h('div', { class: 'finding-row' }, body) : h('a', { class: 'finding-row', href: hrefOf(one) }, body),
      element && path.length > 1 && h('button', { type: 'button', class: 'plain way', text: say('show-way'), onclick: () => { highlight(path); studio.select(element); } }));
  }

  /**
   * The way that leads to a situation. What is told are the moves that mattered (`complete check [over_limit]`: an element, and in
   * brackets the flows whose condition held); what lies between them is found along the flows.
   */
  function wayOf(one) {
    if (!one.way?.length) return [];
    const told = one.way.flatMap((move) => String(move).split(/[\s,[\]]+/)).filter((id) => id && studio.element(id));
    return trail(studio.modeler.get('elementRegistry'), [...new Set([...told, ...(one.elements ?? []), one.element])].map((id) => studio.element(id)).filter(Boolean));
  }

  function hrefOf(one) {
    const at = encodeURIComponent(one.path);
    if (one.path.endsWith('.bpmn')) return `/studio/${studio.process}/diagram?path=${at}`;
    if (one.path.endsWith('.dmn')) return `/studio/${studio.process}/tables?path=${at}`;
    if (one.path.startsWith('forms/')) return `/studio/${studio.process}/forms/${one.path.replace(/^forms\//, '')}`;
    if (one.path.startsWith('policies/')) return `/studio/${studio.process}/rights`;
    if (one.path.startsWith('templates/')) return `/studio/${studio.process}/letters?path=${at}`;
    if (one.path.startsWith('workflows/scenarios/')) return `/studio/${studio.process}/scenarios`;
    return `/studio/${studio.process}`;
  }

  function highlight(ids) {
    const canvas = studio.modeler.get('canvas');
    for (const id of marked) if (studio.element(id)) canvas.removeMarker(id, 'on-the-way');
    marked = ids.length > 1 ? ids.filter((id) => studio.element(id)) : [];
    for (const id of marked) canvas.addMarker(id, 'on-the-way');
  }

  function badges(here) {
    const overlays = studio.modeler.get('overlays');
    overlays.remove({ type: 'finding' });
    const by = new Map();
    for (const one of here) if (one.element && studio.element(one.element)) by.set(one.element, [...(by.get(one.element) ?? []), one]);
    for (const [id, items] of by) {
      const [{ severity }] = items;
      const element = studio.element(id);
      const badge = h('button', {
        type: 'button', class: `finding-badge finding-${severity}`, tabindex: '-1', text: items.length > 1 ? `${SIGNS[severity]}${items.length}` : SIGNS[severity],
        'aria-label': `${studio.titleOf(element)}: ${items.map((one) => one.sentence).join(' ')}`, title: items.map((one) => one.sentence).join('\n'),
        onclick: () => { studio.select(element); document.getElementById('tab-settings').click(); },
      });
      const flow = Boolean(element.waypoints);
      overlays.add(id, 'finding', { position: flow ? { top: -10, left: -10 } : { top: -12, right: 12 }, html: badge, show: { minZoom: 0.25 } });
    }
    inPanel();
  }

  /** The findings of what is selected stand above its settings. */
  function inPanel() {
    const place = document.getElementById('panel-findings');
    const selected = studio.modeler.get('selection').get();
    if (!place) return;
    const id = selected.length === 1 ? selected[0].labelTarget?.id ?? selected[0].id : null;
    const own = [...found, ...walked].filter((one) => one.path === studio.path() && id && one.element === id);
    place.replaceChildren(...own.map((one) => h('div', { class: `panel-finding finding-${one.severity}-box` },
      h('span', { class: `finding-sign finding-${one.severity}`, text: SIGNS[one.severity] }),
      h('span', { class: 'finding-body' }, one.sentence, one.mend && h('span', { class: 'finding-mend', text: `${say('mend')}${one.mend}` })))));
  }

  studio.on('panel', inPanel);
  return { load, walk, highlight, all: () => [...found, ...walked] };
}
