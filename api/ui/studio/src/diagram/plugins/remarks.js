/** Remarks that people pinned to elements: a sign with their number leads to the page where they are read and answered. */
import { h } from '../dom.js';

export default function remarks(studio) {
  const overlays = studio.modeler.get('overlays');

  async function show() {
    let told;
    try {
      const answer = await fetch(`/studio/${studio.process}/remarks/list`, { headers: { accept: 'application/json' } });
      if (!answer.ok) return;
      told = await answer.json();
    } catch { return; }
    overlays.remove({ type: 'remark' });
    const here = new Map();
    for (const one of told.threads) {
      if (one.path === studio.path() && one.element && !one.settled && studio.element(one.element)) here.set(one.element, [...(here.get(one.element) ?? []), one]);
    }
    for (const [id, threads] of here) {
      const words = studio.say('remarks', { count: threads.length });
      const link = h('a', {
        class: 'remark-badge', tabindex: '-1', text: String(threads.length), title: `${words}\n${threads.map((one) => one.said.at(-1)?.text ?? '').join('\n')}`, 'aria-label': words,
        href: `/studio/${studio.process}/remarks?element=${encodeURIComponent(id)}&path=${encodeURIComponent(studio.path())}`,
      });
      overlays.add(id, 'remark', { position: { top: -12, left: -8 }, html: link, show: { minZoom: 0.25 } });
    }
  }

  studio.on('opened', show);
  studio.on('saved', show);
  show();
}
