/** Ready pieces of processes, put into the flow where somebody works, with all their settings, forms and rights. */
import Modeler from 'bpmn-js/lib/Modeler';
import descriptor from '../model/spiffworkflow.json';
import { getBusinessObject, is } from '../model/settings.js';
import { h } from './dom.js';

const GAP = 60;
const $ = (id) => document.getElementById(id);

export function templates(studio) {
  const { say } = studio;
  $('bar-template').addEventListener('click', async () => {
    const answer = await fetch(`/studio/${studio.process}/diagram/templates`, { headers: { accept: 'application/json' } }).catch(() => null);
    if (!answer?.ok) return studio.tell(say('not-added'), 'error');
    const { templates: known } = await answer.json();
    $('template-list').replaceChildren(...known.map((one) => h('li', {},
      h('div', {}, h('strong', { text: one.title }), h('p', { class: 'small', text: one.about })),
      h('button', { type: 'button', text: say('template-insert'), 'aria-label': `${say('template-insert')}: ${one.title}`, 'data-template': one.id, onclick: () => { $('template-dialog').close(); insert(studio, one.id); } }))));
    $('template-dialog').showModal();
    return undefined;
  });
  studio.insertTemplate = (id) => insert(studio, id);
}

/** The server adds the files (parts, forms, papers, rights); the canvas takes the boxes, in one step to undo. */
async function insert(studio, id) {
  const place = placeOf(studio);
  studio.tell('');
  const told = await studio.addFiles(`templates/${encodeURIComponent(id)}`);
  if (!told) return false;
  const frame = h('div', { class: 'template-stage', 'aria-hidden': 'true' });
  document.body.append(frame);
  const stage = new Modeler({ container: frame, moddleExtensions: { spiffworkflow: descriptor } });
  try {
    await stage.importXML(told.fragment);
    const made = [];
    studio.write.together(() => made.push(...put(studio, pieceOf(stage), place)));
    studio.modeler.get('selection').select(made.filter((one) => !one.waypoints));
    if (made.length) studio.modeler.get('canvas').scrollToElement(made[0], { top: 60, left: 140, right: 180, bottom: 160 });
  } finally {
    stage.destroy();
    frame.remove();
  }
  studio.tell(studio.say('template-done', { title: told.title }), 'done');
  await studio.flush();
  return true;
}

/** Where the piece goes: the selected flow, else behind the selected step, else before the first end, else behind the last step. */
function placeOf(studio) {
  const registry = studio.modeler.get('elementRegistry');
  const [chosen] = studio.modeler.get('selection').get();
  const selected = chosen?.labelTarget ?? chosen;
  const flowOf = (node) => (node?.outgoing ?? []).find((one) => is(one, 'bpmn:SequenceFlow'));
  if (selected && is(selected, 'bpmn:SequenceFlow')) return { flow: selected, after: selected.source };
  const canHold = (one) => is(one, 'bpmn:FlowNode') && !is(one, 'bpmn:EndEvent') && !is(one, 'bpmn:BoundaryEvent') && !getBusinessObject(one).triggeredByEvent;
  if (selected && canHold(selected)) return { flow: flowOf(selected), after: selected };
  const main = (one) => !is(one.parent, 'bpmn:SubProcess');
  const end = registry.filter((one) => is(one, 'bpmn:EndEvent') && !one.labelTarget && main(one) && one.incoming?.length)[0];
  if (end) return { flow: end.incoming[0], after: end.incoming[0].source };
  const last = registry.filter((one) => canHold(one) && !one.labelTarget && main(one) && !one.outgoing?.length).sort((a, b) => b.x - a.x)[0];
  return { flow: undefined, after: last };
}

/** What lies between the start and the end of a piece: boxes, inner flows, the first box and the ways out. */
function pieceOf(stage) {
  const { children } = stage.get('canvas').getRootElement();
  const start = children.find((one) => is(one, 'bpmn:StartEvent') && !one.labelTarget);
  const end = children.find((one) => !one.labelTarget && is(one, 'bpmn:EndEvent') && /^piece_end/.test(one.id));
  const boxes = children.filter((one) => one !== start && one !== end && !one.waypoints && !one.labelTarget);
  const inner = children.filter((one) => one.waypoints && one.source !== start && one.target !== end);
  const left = Math.min(...boxes.map((one) => one.x)), top = Math.min(...boxes.map((one) => one.y));
  return {
    stage, boxes, inner, first: start.outgoing[0].target, exits: end.incoming,
    box: { x: left, y: top, width: Math.max(...boxes.map((one) => one.x + one.width)) - left, height: Math.max(...boxes.map((one) => one.y + one.height)) - top },
  };
}

function put(studio, piece, { flow, after }) {
  const { modeler } = studio;
  const modeling = modeler.get('modeling');
  const target = after?.parent ?? modeler.get('canvas').getRootElement();
  const row = after ? after.y + after.height / 2 : 200;
  const start = after ? after.x + after.width + GAP : 200;
  const goesOn = flow?.target;
  if (after) makeRoom(modeler, start - GAP / 2, piece.box.width + 2 * GAP, row + piece.first.height / 2 + 20, Math.max(piece.box.height - (piece.first.y + piece.first.height / 2 - piece.box.y) - piece.first.height / 2, 0));
  const dx = start - piece.box.x, dy = row - (piece.first.y + piece.first.height / 2);
  const made = paste(studio, piece, target, dx, dy);
  const known = new Map(made.map(([original, copy]) => [original, copy]));
  if (after) {
    if (flow) modeling.reconnectEnd(flow, known.get(piece.first), { x: known.get(piece.first).x, y: row });
    else modeling.connect(after, known.get(piece.first));
  }
  for (const exit of piece.exits) {
    const source = known.get(exit.source);
    const end = goesOn ?? modeling.appendShape(source, { type: 'bpmn:EndEvent' }, { x: source.x + source.width + GAP + 40, y: source.y + source.height / 2 }, target);
    const way = goesOn ? modeling.connect(source, end) : source.outgoing[source.outgoing.length - 1];
    const original = getBusinessObject(exit);
    if (original.name) modeling.updateLabel(way, original.name);
    if (getBusinessObject(exit.source).default === original) modeling.updateProperties(source, { default: getBusinessObject(way) });
  }
  if (flow) modeling.layoutConnection(flow);
  return [...known.values()];
}

/** Move what stands to the right, and what lies below if the piece is higher than its row; lanes and pools grow with it. */
function makeRoom(modeler, x, width, y, height) {
  const tool = modeler.get('spaceTool');
  const root = modeler.get('canvas').getRootElement();
  const all = allOf(root);
  const right = tool.calculateAdjustments(all, 'x', width, x);
  modeler.get('modeling').createSpace(right.movingShapes, right.resizingShapes, { x: width, y: 0 }, 'e', x);
  if (height > 0) {
    const below = tool.calculateAdjustments(allOf(root), 'y', height, y);
    modeler.get('modeling').createSpace(below.movingShapes, below.resizingShapes, { x: 0, y: height }, 's', y);
  }
}

function allOf(element) { return (element.children ?? []).flatMap((one) => [one, ...allOf(one)]); }

/** The boxes and inner flows of the piece on this canvas, under the ids of the piece; pairs of original and copy. */
function paste(studio, piece, target, dx, dy) {
  const { modeler } = studio;
  const modeling = modeler.get('modeling');
  const tree = piece.stage.get('copyPaste').copy([...piece.boxes, ...piece.inner], { clip: false });
  // The paste itself knows which copy stands for which original.
  let cache = {};
  const listen = (event) => { ({ cache } = event); };
  modeler.get('eventBus').on('copyPaste.pasteElement', listen);
  modeler.get('copyPaste').paste({ tree, element: target, point: { x: piece.box.x + piece.box.width / 2 + dx, y: piece.box.y + piece.box.height / 2 + dy } });
  modeler.get('eventBus').off('copyPaste.pasteElement', listen);
  const pairs = piece.boxes.map((original) => [original, cache[original.id]]).filter(([, copy]) => copy);
  const first = cache[piece.first.id];
  const off = { x: piece.first.x + dx - first.x, y: piece.first.y + dy - first.y };
  if (off.x || off.y) modeling.moveElements(pairs.map(([, copy]) => copy), off);
  for (const original of [...piece.boxes, ...piece.inner]) {
    const copy = cache[original.id];
    if (!copy) continue;
    modeling.updateProperties(copy, { id: original.id });
    if (original.waypoints && getBusinessObject(original.source).default === getBusinessObject(original)) {
      modeling.updateProperties(cache[original.source.id], { default: getBusinessObject(copy) });
    }
  }
  return pairs;
}
