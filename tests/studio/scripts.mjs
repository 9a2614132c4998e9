// Tries the pure parts of the studio's scripts; prints nothing when all is well.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const source = (path) => readFileSync(join(process.cwd(), 'src', path), 'utf8').replace(/^import .*$/gm, '');
const load = (...parts) => import(`data:text/javascript,${encodeURIComponent(parts.join('\n'))}`);
const bytes = (buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length);

const { toFeel, fromFeel } = await load(source('tables/values.js'));
const say = (key) => ({ yes: '是', no: '否' })[key];
for (const [typed, type, feel] of [
  ['低', 'string', '"低"'], ['say "x"', 'string', '"say \\"x\\""'], ['"a"', 'string', '"a"'], ['', 'string', ''], ['null', 'string', 'null'],
  ['是', 'boolean', 'true'], ['No', 'boolean', 'false'], ['1,200.5', 'number', '1200.5'], ['2026-09-01', 'date', 'date("2026-09-01")'],
  ['2026-09-01T08:00:00+08:00', 'dateTime', 'date and time("2026-09-01T08:00:00+08:00")'], ['[1, 2]', 'Any', '[1, 2]'],
]) {
  assert.equal(toFeel(typed, type), feel);
  const shown = fromFeel(feel, type, say);
  assert.equal(toFeel(shown, type), feel, `${feel} comes back`);
}

const values = source('tables/values.js').replaceAll('export ', '');
const { rowsOf, withRules } = await load(values, "const columns = () => [['law', 0], ['note', 1]];", source('tables/paste.js'));
assert.deepEqual(rowsOf('a\tb\r\n\r\n"x\ty"\t"say ""hi"""\n"a"\t> 1'), [['a', 'b'], ['x\ty', 'say "hi"'], ['"a"', '> 1']]);
const made = { create: (type, given) => ({ $type: type, ...given }), ids: { nextPrefixed: (start) => `${start}1` } };
const table = () => {
  const kept = { $model: made, input: [{ label: '类别', inputExpression: { typeRef: 'string' } }], output: [{ name: 'r', typeRef: 'number' }], rule: ['old'] };
  return { ...kept, get(name) { return this[name]; } };
};
const one = table();
assert.deepEqual(withRules(null, { decisionLogic: one }, rowsOf('类别\tr\n甲、乙\t1,000\tLAW-1\nnot("丙")\t2'), false), { count: 2 });
assert.equal(one.rule.length, 3);
assert.equal(one.rule[1].inputEntry[0].text, '"甲", "乙"');
assert.equal(one.rule[1].outputEntry[0].text, '1000');
assert.deepEqual(one.rule[1].annotationEntry.map((note) => note.text), ['LAW-1']);
assert.equal(one.rule[2].inputEntry[0].text, 'not("丙")');
assert.deepEqual(one.annotation.map((clause) => clause.name), ['law', 'note']);
const two = table();
assert.equal(withRules(null, { decisionLogic: two }, rowsOf('x'), true).fault, 'paste-shape');
assert.deepEqual(two.rule, ['old']);
assert.equal(withRules(null, { decisionLogic: two }, rowsOf(' \n'), true).fault, 'paste-empty');

const { decoded } = await load(source('shared/saving.js'));
const gbk = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="GBK"?><a n="'), Buffer.from([0xd6, 0xd0]), Buffer.from('"/>')]);
assert.equal(decoded(bytes(gbk)), '<?xml version="1.0" encoding="UTF-8"?><a n="中"/>');
assert.equal(decoded(bytes(Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><a/>', 'utf16le'))), '<?xml version="1.0" encoding="UTF-8"?><a/>');
assert.equal(decoded(bytes(Buffer.from('<a n="中"/>'))), '<a n="中"/>');

const { lines } = await load(source('shared/difference.js'));
assert.deepEqual(lines('a\nb\nc', 'a\nx\nc'), [[' ', 'a'], ['-', 'b'], ['+', 'x'], [' ', 'c']]);
for (const [before, after] of [['', 'a'], ['a\nb\na\nb', 'b\na\nb\na\nc'], ['x'.repeat(9), '']]) {
  const told = lines(before, after);
  assert.equal(told.filter(([sign]) => sign !== '+').map(([, line]) => line).join('\n'), before);
  assert.equal(told.filter(([sign]) => sign !== '-').map(([, line]) => line).join('\n'), after);
}
