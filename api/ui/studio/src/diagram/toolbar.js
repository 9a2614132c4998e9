/** The row above the canvas, the tabs beside it, and the keys. */
import { fit } from './canvas.js';

const $ = (id) => document.getElementById(id);

export function toolbar(studio, editor) {
  const { modeler } = studio;
  const service = (name) => modeler.get(name, false);
  const stack = service('commandStack');
  const on = (id, act) => $(id).addEventListener('click', act);
  on('bar-undo', () => { editor.panel.commit(); if (stack?.canUndo()) stack.undo(); });
  on('bar-redo', () => { if (stack?.canRedo()) stack.redo(); });
  // The search closes on any click outside it, so this click ends here.
  on('bar-search', (event) => { event.stopPropagation(); service('searchPad')?.toggle(); });
  on('bar-fit', () => fit(modeler, studio.editable ? 110 : 40));
  on('bar-in', () => service('zoomScroll')?.stepZoom(1));
  on('bar-out', () => service('zoomScroll')?.stepZoom(-1));
  on('bar-map', () => { const map = service('minimap'); map.toggle(); $('bar-map').setAttribute('aria-pressed', String(map.isOpen())); });
  on('bar-keys', () => $('keys-dialog').showModal());
  for (const button of document.querySelectorAll('dialog [data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
  for (const id of ['bar-undo', 'bar-redo', 'bar-template']) if (!studio.editable) $(id).hidden = true;
  const able = () => {
    if (!stack) return;
    $('bar-undo').disabled = !stack.canUndo();
    $('bar-redo').disabled = !stack.canRedo();
  };
  modeler.get('eventBus').on(['commandStack.changed', 'import.done', 'diagram.clear'], able);
  able();
  $('diagram-file').addEventListener('change', async (event) => {
    const path = event.target.value;
    if (studio.editable) await studio.flush();
    const version = studio.version ? `&version=${encodeURIComponent(studio.version)}` : '';
    location.href = `?path=${encodeURIComponent(path)}${version}`;
  });
  tabs();
  // E goes from the canvas to the settings of what is selected, Escape there goes back to the canvas.
  $('canvas').addEventListener('keydown', (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, [contenteditable]')) return;
    if (event.key === 'e' || event.key === 'E') { const chosen = modeler.get('selection').get(); if (chosen.length === 1) { event.preventDefault(); event.stopImmediatePropagation(); editor.select(chosen[0], true); } }
  }, true);
  $('side-settings').addEventListener('keydown', (event) => { if (event.key === 'Escape' && !event.defaultPrevented) { modeler.get('canvas').focus(); } });
}

function tabs() {
  const all = [...document.querySelectorAll('.side-tabs [role=tab]')];
  const choose = (tab) => {
    for (const one of all) {
      const chosen = one === tab;
      one.setAttribute('aria-selected', String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      $(one.getAttribute('aria-controls')).hidden = !chosen;
    }
  };
  for (const tab of all) {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = all[(all.indexOf(tab) + step + all.length) % all.length];
      choose(next);
      next.focus();
    });
  }
}
