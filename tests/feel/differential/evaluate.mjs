// Evaluates FEEL texts with feelin. In: a JSON list of texts. Out: a JSON list of plain values, one for each text.
import { evaluate } from 'feelin';

const CONTEXT = {
  a: 3, b: -2.5, s: 'Beijing', t: '', n: null, yes: true, no: false,
  xs: [1, 2, 3, 4], ys: ['x', 'y', null], c: { k: 1, m: { z: 'deep' } },
  rows: [{ k: 1, v: 'one' }, { k: 2, v: 'two' }, { k: 3, v: null }],
};

function plain(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return { number: String(value) };
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'function' || value.constructor?.name === 'FunctionWrapper') return { kind: 'function' };
  if (Array.isArray(value)) return value.map(plain);
  if (value.constructor === Object) {
    return { context: Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)])) };
  }
  if (value.constructor?.name === 'Range') return { kind: 'range' };
  return { temporal: value.toString() };
}

let input = '';
for await (const chunk of process.stdin) input += chunk;
const answers = JSON.parse(input).map((text) => {
  try {
    return plain(evaluate(text, CONTEXT).value);
  } catch (error) {
    return { error: String(error.message ?? error).slice(0, 80) };
  }
});
process.stdout.write(JSON.stringify(answers));
