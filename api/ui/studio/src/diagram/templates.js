/** Ready pieces of processes, put beside what is there with all their settings, forms and rights. */
import { BpmnModdle } from 'bpmn-moddle';
import Modeler from 'bpmn-js/lib/Modeler';
import descriptor from '../model/spiffworkflow.json';
import { getBusinessObject, is } from '../model/settings.js';
import { h } from './dom.js';
import { rewrite, withName } from './renaming.js';

void BpmnModdle;
const $ = (id) => document.getElementById(id);

export function templates(studio) {
  const { say } = studio;
  $('bar-template').addEventListener('click', async () => {
    const answer = await fetch(`/studio/${studio.process}/diagram/templates`, { headers: { accept: 'application/json' } }).catch(() => null);
    if (!answer?.ok) return studio.tell(say('not-added'), 'error');
    const { templates: known } = await answer.json();
    $('template-list').replaceChildren(...known.map((one) => h('li', {},
      h('div', {}, h('strong', { text: one.title }), h('p', { class: 'small', text: one.about })),
      h('button', { type: 'button', text: say('template-insert'), 'data-template': one.id, onclick: async () => { $('template-dialog').close(); await insert(studio, one.id); } }))));
    $('template-dialog').showModal();
    return undefined;
  });
  studio.insertTemplate = (id) => insert(studio, id);
}

/** The server adds the files (parts, forms, papers, rights); the canvas takes the boxes. */
async function insert(studio, id) {
  const told = await studio.addFiles(`templates/${encodeURIComponent(id)}`);
  if (!told) return false;
  const made = await paste(studio, told.fragment);
  studio.modeler.get('selection').select(made.filter((one) => !one.waypoints && !one.labelTarget));
  studio.tell(studio.say('template-done', { title: told.title }), 'done');
  await studio.flush();
  return true;
}

async function paste(studio, fragment) {
  const { modeler } = studio;
  const frame = h('div', { class: 'template-stage', 'aria-hidden': 'true' });
  document.body.append(frame);
  const stage = new Modeler({ container: frame, moddleExtensions: { spiffworkflow: descriptor } });
  try {
    await stage.importXML(fragment);
    const root = stage.get('canvas').getRootElement();
    const inside = root.children.filter((one) => !one.labelTarget);
    const tree = stage.get('copyPaste').copy(inside);
    modeler.get('clipboard').set(tree);
    const target = targetOf(studio);
    const box = boundsOf(inside.filter((one) => !one.waypoints));
    const point = freePlace(target, box);
    modeler.get('copyPaste').paste({ element: target, point, hints: {} });
    const made = modeler.get('selection').get().flatMap((one) => [one, ...(one.attachers ?? [])]);
    const pasted = unique([...made, ...made.flatMap((one) => [...(one.outgoing ?? []), ...(one.incoming ?? [])])]);
    name(studio, inside, pasted, box, point);
    return pasted;
  } finally {
    stage.destroy();
    frame.remove();
  }
}

/** Where the piece goes: the selected pool or the only one, else the process itself. */
function targetOf(studio) {
  const registry = studio.modeler.get('elementRegistry');
  const [selected] = studio.modeler.get('selection').get();
  for (let one = selected; one; one = one.parent) if (is(one, 'bpmn:Participant')) return one;
  return registry.find((one) => is(one, 'bpmn:Participant') && getBusinessObject(one).processRef) ?? studio.modeler.get('canvas').getRootElement();
}

function boundsOf(shapes) {
  const left = Math.min(...shapes.map((one) => one.x)), top = Math.min(...shapes.map((one) => one.y));
  return { x: left, y: top, width: Math.max(...shapes.map((one) => one.x + one.width)) - left, height: Math.max(...shapes.map((one) => one.y + one.height)) - top };
}

/** To the right of everything, so that no box comes to lie on another. */
function freePlace(target, box) {
  const inside = (target.children ?? []).filter((one) => !one.waypoints && !is(one, 'bpmn:Lane') && !one.labelTarget);
  const right = inside.length ? Math.max(...inside.map((one) => one.x + one.width)) : (target.x ?? 0) + 60;
  const top = target.y ?? (inside.length ? Math.min(...inside.map((one) => one.y)) : 100);
  return { x: right + 80 + box.width / 2, y: top + 40 + box.height / 2 };
}

/** Pasted elements take the ids of the piece where they are free; texts that name them follow. */
function name(studio, originals, pasted, box, point) {
  const { modeler } = studio;
  const changes = [];
  for (const original of [...originals, ...originals.flatMap((one) => one.children ?? [])]) {
    if (original.labelTarget) continue;
    const wished = getBusinessObject(original).id;
    const found = pasted.find((one) => matches(original, one, box, point));
    if (!found) continue;
    const id = studio.freeId(wished);
    if (getBusinessObject(found).id !== id) modeler.get('modeling').updateProperties(found, { id });
    if (id !== wished) changes.push([wished, id]);
  }
  for (const element of pasted) for (const [before, after] of changes) rewrite(studio, element, (text) => withName(text, before, after));
}

function matches(original, copy, box, point) {
  if (copy.labelTarget || getBusinessObject(copy).$type !== getBusinessObject(original).$type) return false;
  if ((getBusinessObject(copy).name ?? '') !== (getBusinessObject(original).name ?? '')) return false;
  if (original.waypoints) {
    const end = (one) => getBusinessObject(one)?.name ?? '';
    return end(original.source) === end(copy.source) && end(original.target) === end(copy.target) && getBusinessObject(original).conditionExpression?.body === getBusinessObject(copy).conditionExpression?.body;
  }
  const dx = point.x - (box.x + box.width / 2), dy = point.y - (box.y + box.height / 2);
  return Math.abs(copy.x - original.x - dx) < 12 && Math.abs(copy.y - original.y - dy) < 12;
}

function unique(list) { return [...new Set(list)]; }
