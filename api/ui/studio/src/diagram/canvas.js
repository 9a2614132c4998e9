/** The canvas in the page's language: bpmn-js with our settings, or the same without editing. */
import Modeler from 'bpmn-js/lib/Modeler';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import minimap from 'diagram-js-minimap';
import searchModule from 'bpmn-js/lib/features/search';
import { readableIds } from './factory.js';
import descriptor from '../model/spiffworkflow.json';
import { translating } from './translate.js';

/** Makes the canvas inside an element. */
export function canvasIn(container, { editable, words, missing }) {
  const Kind = editable ? Modeler : NavigatedViewer;
  return new Kind({
    container,
    moddleExtensions: { spiffworkflow: descriptor },
    additionalModules: [minimap, translating(words, missing), ...(editable ? [readableIds] : [searchModule])],
    minimap: { open: false },
  });
}

/**
 * Show all of the diagram with room for the palette, never larger than it is. `least` keeps large diagrams readable: then
 * their beginning is shown.
 */
export function fit(modeler, left = 110, least = 0.2) {
  const canvas = modeler.get('canvas');
  const { inner } = canvas.viewbox();
  const box = canvas.getContainer().getBoundingClientRect();
  if (!inner.width || !box.width) return;
  const scale = Math.min(1, (box.width - left - 40) / inner.width, (box.height - 60) / inner.height);
  const zoom = Math.max(scale, least);
  canvas.viewbox({ x: inner.x - left / zoom, y: inner.y - Math.max((box.height / zoom - inner.height) / 2, 20 / zoom), width: box.width / zoom, height: box.height / zoom });
}
