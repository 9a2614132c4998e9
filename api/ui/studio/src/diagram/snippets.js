/** Beginnings of the texts that are written again and again; the analyst puts in names and numbers. */
const CONTEXT = (entry) => (text) => {
  const trimmed = text.trim();
  if (!trimmed) return entry;
  const list = trimmed.startsWith('[') && trimmed.endsWith(']') ? trimmed.slice(1, -1).trim() : trimmed;
  return `[${list}, ${entry}]`;
};
const WHOLE = (entry) => () => entry;

const SNIPPETS = {
  deadline: [
    ['working-days', WHOLE('add working days(date(now()), law("…", date(now())))')],
    ['calendar-days', WHOLE('calendar deadline(date(now()), law("…", date(now())))')],
    ['months', WHOLE('months after(date(now()), 1)')],
  ],
  promised: [['working-days', WHOLE('add working days(date(now()), law("…", date(now())))')]],
  statutory: [['calendar-days', WHOLE('calendar deadline(date(now()), law("…", date(now())))')]],
  assign: [
    ['assign-area', WHOLE('{"area": case.area}')],
    ['assign-department', WHOLE('{"department": "…"}')],
    ['assign-account', WHOLE('{"account": 步骤.by}')],
  ],
  clock: [
    ['clock-start', CONTEXT('{"act": "start", "clock": "statutory", "kind": "statutory", "title": "法定期限", "from": date(now()), "count": law("…", date(now())), "unit": "calendar", "law": "…"}')],
    ['clock-stop', CONTEXT('{"act": "stop", "clock": "statutory", "from": date(now()), "until": null, "reason": "…", "law": "…"}')],
    ['clock-resume', CONTEXT('{"act": "resume", "clock": "statutory", "on": date(now()), "reason": "…"}')],
    ['clock-extend', CONTEXT('{"act": "extend", "clock": "statutory", "count": 10, "reason": "…", "law": "…"}')],
    ['clock-end', CONTEXT('{"act": "end", "clock": "statutory"}')],
  ],
  input: [['input-paper', WHOLE('{"applicant": case.applicant, "on": date(now())}')]],
  script: [['script-context', WHOLE('{"name": null}')]],
  time: [
    ['time-feel', WHOLE('=add working days(date(now()), law("…", date(now())))')],
    ['time-duration', WHOLE('P5D')],
  ],
};

export function snippetsOf(name, say) {
  return (SNIPPETS[name] ?? []).map(([key, insert]) => ({ title: say(`snippet-${key}`), insert }));
}
