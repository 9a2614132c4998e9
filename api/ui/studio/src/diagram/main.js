/** The diagram editor: canvas, settings, list of elements, findings, text; one file of the draft at a time. */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import { Editor } from './editor.js';

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const plugins = Object.values(import.meta.glob('./plugins/*.js', { eager: true })).map((one) => one.default).filter(Boolean);

const editor = new Editor(read('studio'), read('words'));
// Tests ask the page's own editor what stands on the canvas; nothing else uses this name.
window.banjianStudio = editor.studio;
editor.start().then(() => {
  for (const plugin of plugins) plugin(editor.studio);
  document.dispatchEvent(new CustomEvent('studio:modeler-ready', { detail: editor.studio }));
  document.documentElement.dataset.studio = 'ready';
});
