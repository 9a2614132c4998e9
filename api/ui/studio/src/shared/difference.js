// What differs between two texts, line by line, as an element.

const MOST_LINES = 4000;
const AROUND = 2;

/** The lines of both texts: [' ' | '-' | '+', line]. Long middle parts are compared as they come, not matched. */
export function lines(before, after) {
  const a = before.split('\n');
  const b = after.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  return [
    ...a.slice(0, start).map((line) => [' ', line]),
    ...middle(left, right),
    ...a.slice(a.length - end).map((line) => [' ', line]),
  ];
}

function middle(left, right) {
  if (left.length * right.length > MOST_LINES * MOST_LINES / 4) {
    return [...left.map((line) => ['-', line]), ...right.map((line) => ['+', line])];
  }
  // Longest common subsequence from the back.
  const width = right.length + 1;
  const best = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      best[i * width + j] = left[i] === right[j]
        ? best[(i + 1) * width + j + 1] + 1
        : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
    }
  }
  const found = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) { found.push([' ', left[i]]); i += 1; j += 1; }
    else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) { found.push(['-', left[i]]); i += 1; }
    else { found.push(['+', right[j]]); j += 1; }
  }
  return [...found, ...left.slice(i).map((line) => ['-', line]), ...right.slice(j).map((line) => ['+', line])];
}

/** An element that shows what differs, with a few lines around it. */
export function difference(before, after) {
  const all = lines(before, after);
  const near = all.map(([sign], at) => sign !== ' ' || all.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(([other]) => other !== ' '));
  const shown = document.createElement('pre');
  shown.className = 'difference';
  shown.tabIndex = 0;
  let cut = false;
  all.forEach(([sign, line], at) => {
    if (!near[at]) { cut = true; return; }
    if (cut) { shown.append('…\n'); cut = false; }
    const tag = { '-': 'del', '+': 'ins', ' ': 'span' }[sign];
    const made = document.createElement(tag);
    made.textContent = `${sign} ${line}\n`;
    shown.append(made);
  });
  return shown;
}
