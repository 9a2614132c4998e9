"""What every page must hold: no sideways scrolling, names for everything, sizes that fingers hit, readable contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.people import settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Evaluated in the page; returns a list of findings. The contrast rule is WCAG 2.2's (4.5, large text 3).
_FINDINGS = r"""
() => {
  const found = [];
  const seen = (e) => { const b = e.getBoundingClientRect(); const s = getComputedStyle(e);
    return b.width > 0 && b.height > 0 && s.visibility !== 'hidden' && b.right > 0; };
  const name = (e) => (e.id ? '#' + e.id : e.tagName.toLowerCase() + ' ' + (e.textContent || e.value || '').trim().slice(0, 20));
  if (document.querySelectorAll('h1').length !== 1) found.push('h1: ' + document.querySelectorAll('h1').length);
  if (!document.documentElement.lang) found.push('no lang');
  if (!document.title) found.push('no title');
  if (document.querySelectorAll('main').length !== 1) found.push('main');
  const levels = [...document.querySelectorAll('h1,h2,h3')].filter(seen).map(e => +e.tagName[1]);
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) found.push('heading order at ' + i); });
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  ids.forEach((id, i) => { if (ids.indexOf(id) !== i) found.push('id twice: ' + id); });
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (!(e.labels && e.labels.length) && !e.getAttribute('aria-label')) found.push('no label: ' + name(e));
    for (const id of (e.getAttribute('aria-describedby') || '').split(' ').filter(Boolean))
      if (!document.getElementById(id)) found.push('describedby ' + id);
  }
  for (const e of document.querySelectorAll('fieldset')) if (!e.querySelector('legend')) found.push('no legend');
  for (const e of document.querySelectorAll('a[href], button')) if (!(e.textContent.trim() || e.getAttribute('aria-label') || e.querySelector('img[alt]:not([alt=""])')))
    found.push('no name: ' + e.outerHTML.slice(0, 60));
  for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) found.push('no alt');
  for (const e of document.querySelectorAll('a[href^="#"]')) if (!document.getElementById(decodeURIComponent(e.hash.slice(1))))
    found.push('dead link ' + e.hash);
  for (const e of document.querySelectorAll('button, input[type=radio], input[type=checkbox], select, nav a, .button')) {
    if (!seen(e)) continue;
    const b = (e.type === 'radio' || e.type === 'checkbox') && e.closest('label') ? e.closest('label').getBoundingClientRect() : e.getBoundingClientRect();
    if (b.height < 43.5 && !e.classList.contains('plain')) found.push('small target ' + Math.round(b.height) + ': ' + name(e));
    if (b.height < 23.5) found.push('tiny target ' + name(e));
  }
  const light = (c) => { const v = c.map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
  const rgb = (t) => t.match(/[\d.]+/g).map(Number);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e || !seen(e)) continue;
    const s = getComputedStyle(e); const size = parseFloat(s.fontSize);
    const a = light(rgb(s.color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const need = size >= 24 || (size >= 18.66 && +s.fontWeight >= 700) ? 3 : 4.5;
    if (ratio < need) found.push('contrast ' + ratio.toFixed(1) + ': ' + walk.currentNode.textContent.trim().slice(0, 20));
    if (size < 13.9) found.push('small print ' + size + ': ' + walk.currentNode.textContent.trim().slice(0, 20));
  }
  const raw = document.body.innerText.match(/\b(error|field|journal|ledger|message|role|fact|case|chip|tasks?|verify|funds|page|nav|studio|lint|mend)\.[a-z][a-z-]+/g);
  if (raw) found.push('words missing: ' + raw.join(' '));
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) {
    const over = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.diagram'));
    found.push('sideways by ' + wide + ': ' + over.slice(0, 3).map(e => e.outerHTML.slice(0, 80)).join(' | '));
  }
  return [...new Set(found)];
}
"""


def findings(page: Page) -> list[str]:
    """What is wrong with the page as it stands now, in the browser's own measures."""
    settle(page)
    found: list[Any] = page.evaluate(_FINDINGS)
    return [f"{page.url}: {one}" for one in found]


def at_widths(page: Page, *widths: int) -> list[str]:
    """Findings at each width; the width is put back."""
    before = page.viewport_size
    found: list[str] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"{width}px {one}" for one in findings(page)]
    if before:
        page.set_viewport_size(before)
    return found
