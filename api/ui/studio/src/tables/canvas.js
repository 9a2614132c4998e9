/** dmn-js in its box: for reading or for changing, in the page's words, and everything in a table known by an id. */
import Modeler from 'dmn-js/lib/Modeler';
import NavigatedViewer from 'dmn-js/lib/NavigatedViewer';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import './tables.css';
import { annotationsModule } from './annotations.js';
import { translateModule } from './translate.js';

/** Pixels beside the graph that its tools take. */
const BESIDE = 300;

/** The editor (or reader) in the box; it tells of changes that people make, and of the views that there are. */
export function modelerIn(box, { words, editable, changed, views }) {
  const translate = translateModule(words);
  const each = { additionalModules: [translate] };
  const modeler = new (editable ? Modeler : NavigatedViewer)({
    container: box,
    height: '100%',
    drd: each,
    literalExpression: each,
    boxedExpression: each,
    decisionTable: { additionalModules: [translate, annotationsModule((name) => words[`tables.annotation-${name}`] ?? name, editable)] },
  });
  modeler.on('viewer.created', ({ viewer }) => viewer.on('commandStack.changed', ({ trigger }) => {
    if (trigger && trigger !== 'clear') changed();
  }));
  modeler.on('views.changed', ({ views: all, activeView }) => views(all, activeView));
  return modeler;
}

/** Shows the whole graph beside the palette and the model's name, which lie over the canvas; whether there was anything to show. */
export function wholeGraph(modeler) {
  const canvas = modeler.getActiveViewer()?.get('canvas', false);
  const { inner, outer } = canvas?.viewbox() ?? {};
  if (!inner?.width) return false;
  const scale = Math.min(1, (outer.width - BESIDE - 40) / inner.width, (outer.height - 60) / inner.height);
  canvas.viewbox({ x: inner.x - BESIDE / scale, y: inner.y - 30 / scale, width: outer.width / scale, height: outer.height / scale });
  return true;
}

/** Adds a rule to the open table, its input cells filled by column; the id of the first cell that is still to be written. */
export function ruleFor(viewer, where) {
  const row = viewer.get('modeling').addRow({ type: 'dmn:DecisionRule' });
  const inputs = viewer.get('sheet').getRoot().businessObject.get('input');
  inputs.forEach((input, at) => {
    if (where[input.id]) viewer.get('modeling').editCell(row.cells[at].businessObject, where[input.id]);
  });
  return (row.cells[inputs.length] ?? row.cells[0]).id;
}

/** Gives ids to parts of tables that have none (other tools write few), since cells are known by them; whether any was made. */
export function identified(definitions) {
  let made = false;
  const name = (one) => {
    if (one && !one.id) {
      one.id = definitions.$model.ids.nextPrefixed(`${one.$type.slice(4)}_`, one);
      made = true;
    }
  };
  for (const { decisionLogic: table } of definitions.get('drgElement')) {
    if (table?.$type !== 'dmn:DecisionTable') continue;
    name(table);
    for (const input of table.get('input')) { name(input); name(input.inputExpression); }
    for (const output of table.get('output')) name(output);
    for (const rule of table.get('rule')) {
      name(rule);
      [...rule.get('inputEntry'), ...rule.get('outputEntry')].forEach(name);
    }
  }
  return made;
}
