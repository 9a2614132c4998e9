// Findings drawn in the cells: a style sheet of the page's own, because the table draws its cells anew whenever it likes.

const SHAPES = {
  error: ['#b3261e', '#fdecea', 'solid'],
  warning: ['#8a5a00', '#fff5dc', 'dashed'],
  info: ['#4a4f57', 'transparent', 'dotted'],
};
const RANK = ['error', 'warning', 'info'];

let sheet = null;

/** Draws the findings of the shown table; `tag(finding)` is the short word that stands in the cell. */
export function draw(findings, tag) {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
  const cells = new Map();
  for (const finding of findings) {
    for (const cell of finding.cells) {
      const known = cells.get(cell) ?? { severity: 'info', tags: new Set() };
      if (RANK.indexOf(finding.severity) < RANK.indexOf(known.severity)) known.severity = finding.severity;
      const word = tag(finding);
      if (word) known.tags.add(word);
      cells.set(cell, known);
    }
  }
  const rules = [];
  for (const [cell, { severity, tags }] of cells) {
    const [colour, ground, line] = SHAPES[severity];
    const where = `#editor td[data-element-id="${CSS.escape(cell)}"]`;
    const head = `#editor th[data-col-id="${CSS.escape(cell)}"]`;
    rules.push(`${where}, ${head} { outline: 2px ${line} ${colour}; outline-offset: -3px; background-color: ${ground} !important; }`);
    if (tags.size) {
      const text = JSON.stringify([...tags].join(' · '));
      rules.push(`${where}::after, ${head}::after { content: ${text}; display: block; color: ${colour}; font-size: 12px; font-weight: 600; line-height: 1.3; padding: 0 2px 2px; }`);
    }
  }
  sheet.replaceSync(rules.join('\n'));
}
