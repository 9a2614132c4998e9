/** The file as text: for what the canvas cannot show, and for whoever wants to see it. Nothing is lost on the way. */
import { faultOf } from '../model/reading.js';

const $ = (id) => document.getElementById(id);

export function textView(studio, editor) {
  const area = $('xml-text'), frame = $('diagram-text'), told = $('xml-fault'), go = $('xml-fault-go'), button = $('bar-xml');
  let line = 0;
  const view = {
    shown: false,
    value: () => area.value,
    open(text, sentence = '', at = 0) {
      view.shown = true;
      line = at;
      frame.hidden = false;
      $('canvas').hidden = true;
      area.value = text;
      area.scrollTop = 0;
      button.setAttribute('aria-pressed', 'true');
      told.hidden = !sentence;
      told.textContent = sentence;
      go.hidden = !sentence || !at;
    },
    close() {
      view.shown = false;
      frame.hidden = true;
      $('canvas').hidden = false;
      button.setAttribute('aria-pressed', 'false');
    },
  };
  area.addEventListener('input', () => { if (studio.editable) editor.file.edit(area.value); });
  // The key that leaves the text is Tab, as everywhere; two spaces are typed as two spaces.
  go.addEventListener('click', () => {
    const lines = area.value.split('\n');
    const from = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(from, from + (lines[line - 1] ?? '').length);
    area.scrollTop = Math.max(0, (line - 5) * parseFloat(getComputedStyle(area).lineHeight));
  });
  async function back() {
    const fault = faultOf(area.value);
    if (fault) { view.open(area.value, studio.say(`fault-${fault.code}`, { line: fault.line, ...fault.values }), fault.line); told.scrollIntoView({ block: 'nearest' }); return; }
    const text = area.value;
    view.close();
    if (await editor.show(text)) { if (studio.editable) editor.file.edit(text); }
  }
  $('xml-back').addEventListener('click', back);
  button.addEventListener('click', async () => {
    if (view.shown) return back();
    editor.panel.commit();
    editor.write.now();
    const text = await editor.xml();
    view.open(text);
    area.focus();
    area.setSelectionRange(0, 0);
    area.scrollTop = 0;
    return undefined;
  });
  return view;
}
