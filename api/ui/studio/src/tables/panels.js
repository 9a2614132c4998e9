// What stands beside the table: the findings in words, and the rule in which somebody works.

export function element(tag, text = '', kind = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

/** Lists findings; `go(finding)` leads to the cell, `fill(finding)` makes a rule for a gap (null: not here). */
export function listFindings(root, answer, { say, go, fill }) {
  const list = root.querySelector('ul');
  list.replaceChildren();
  const shown = answer.findings.filter((one) => one.severity !== 'info');
  const quiet = answer.findings.filter((one) => one.severity === 'info');
  root.querySelector('[data-none]').hidden = Boolean(answer.findings.length || answer.refused);
  if (answer.refused) list.append(refused(answer.refused, say));
  list.append(...shown.map((one) => line(one, { say, go, fill })));
  const more = root.querySelector('details');
  more.hidden = !quiet.length;
  more.querySelector('summary').textContent = say('remarks', { count: quiet.length });
  more.querySelector('ul').replaceChildren(...quiet.map((one) => line(one, { say, go, fill })));
  const errors = shown.filter((one) => one.severity === 'error').length;
  root.querySelector('[data-sum]').textContent = answer.refused ? '' : say('sum', { errors, warnings: shown.length - errors });
}

function refused(told, say) {
  const made = element('li', '', 'error');
  made.append(element('strong', told.sentence));
  if (told.reason) made.append(element('p', told.reason, 'small quiet'));
  made.append(element('p', say('refused-kept'), 'small'));
  return made;
}

function line(finding, { say, go, fill }) {
  const made = element('li', '', finding.severity);
  made.dataset.code = finding.code;
  const link = element('button', finding.sentence, 'plain');
  link.type = 'button';
  link.addEventListener('click', () => go(finding));
  made.append(element('span', say(finding.severity), 'kind'), ' ', link);
  if (finding.name) made.append(' ', element('span', finding.name, 'small quiet'));
  if (finding.mend) made.append(element('p', finding.mend, 'small quiet'));
  if (finding.where && fill) {
    const button = element('button', say('fill-gap'), 'small');
    button.type = 'button';
    button.dataset.act = 'fill';
    button.addEventListener('click', () => fill(finding));
    made.append(button);
  }
  return made;
}

/** Shows a rule in plain words with its law. */
export function showRule(root, told, say) {
  root.replaceChildren(element('h3', say('row-title', { rule: told.rule })), element('p', told.sentence, 'told'));
  for (const note of told.notes ?? []) root.append(element('p', note, 'quiet'));
  for (const article of told.law ?? []) {
    const box = element('blockquote', '', article.state === 'current' ? '' : 'wrong');
    box.append(element('strong', article.title), ' ', element('span', article.id, 'small quiet num'));
    if (article.state === 'past') box.append(' ', element('span', say('article-past'), 'chip late'));
    box.append(element('p', article.text));
    root.append(box);
  }
  if (!(told.law ?? []).length) root.append(element('p', say('no-law'), 'quiet'));
  const list = element('ul', '', 'found');
  for (const finding of told.findings ?? []) list.append(element('li', finding.sentence, finding.severity));
  if (list.children.length) root.append(list);
}
