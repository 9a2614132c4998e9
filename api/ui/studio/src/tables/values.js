// What people type in the grid of test rows, and the FEEL that is kept: texts without quotes, yes and no, days.

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?$/;
const YES = ['是', 'yes', 'true'];
const NO = ['否', 'no', 'false'];

/** The FEEL text of what was typed for a value of a type. */
export function toFeel(typed, type) {
  const text = typed.trim();
  if (!text || text === 'null') return text;
  if (type === 'boolean') {
    if (YES.includes(text.toLowerCase())) return 'true';
    if (NO.includes(text.toLowerCase())) return 'false';
  }
  if (type === 'string' && !/^["'(\[{]/.test(text) && !/^\w+\(/.test(text)) return quoted(text);
  if (type === 'date' && DAY.test(text)) return `date("${text}")`;
  if (['dateTime', 'date and time'].includes(type)) {
    if (DAY.test(text)) return `date and time("${text}T09:00:00+08:00")`;
    if (MOMENT.test(text)) return `date and time("${text}")`;
  }
  if (type === 'number') return text.replace(/(\d),(?=\d{3}\b)/g, '$1');
  return text;
}

/** What is shown of a FEEL text for a value of a type. */
export function fromFeel(text, type, say) {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return say(text === 'true' ? 'yes' : 'no');
  const plain = /^"((?:[^"\\]|\\.)*)"$/.exec(text);
  if (type === 'string' && plain && !/^["'(\[{]/.test(plain[1])) return plain[1].replace(/\\(["\\])/g, '$1');
  const day = /^date\("(\d{4}-\d{2}-\d{2})"\)$/.exec(text);
  if (type === 'date' && day) return day[1];
  const moment = /^date and time\("([^"]+)"\)$/.exec(text);
  if (['dateTime', 'date and time'].includes(type) && moment) return moment[1];
  return text;
}

export function quoted(text) {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}
