// Rules from a spreadsheet: rows separated by tabs, in the order of the table's columns.
import { columns } from './annotations.js';
import { toFeel } from './values.js';

/** The rows of pasted text; cells in double quotes may hold tabs, lines and doubled quotes, as spreadsheets copy them. */
export function rowsOf(text) {
  const rows = [];
  let row = [];
  let cell = '';
  let quoted = false;
  let begun = false;
  const content = text.replace(/\r\n?/g, '\n');
  for (let at = 0; at < content.length; at += 1) {
    const letter = content[at];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (content[at + 1] === '"') { cell += '"'; at += 1; }
      else quoted = false;
    } else if (letter === '"' && !begun && closes(content, at)) { quoted = true; begun = true; }
    else if (letter === '\t') { row.push(cell.trim()); cell = ''; begun = false; }
    else if (letter === '\n') { row.push(cell.trim()); rows.push(row); row = []; cell = ''; begun = false; }
    else { cell += letter; begun = true; }
  }
  row.push(cell.trim());
  rows.push(row);
  return rows.filter((one) => one.some(Boolean));
}

/** Whether a quotation mark opens a cell that a spreadsheet quoted, not a FEEL text: the closing one ends the cell. */
function closes(content, from) {
  for (let at = from + 1; at < content.length; at += 1) {
    if (content[at] !== '"') continue;
    if (content[at + 1] === '"') { at += 1; continue; }
    const inside = content.slice(from + 1, at);
    return (at + 1 >= content.length || '\t\n'.includes(content[at + 1])) && /[\t\n"]/.test(inside);
  }
  return false;
}

const COMPARES = /^(<|>|=|!=|\[|\(|\]|not\(|-$|"|\{)|[<>?(]/;

/** The FEEL of a pasted cell: comparisons stay, plain words of a text column get quotes. */
function cell(text, type) {
  if (!text || COMPARES.test(text)) return text;
  if (type === 'string' && !text.startsWith('"')) return text.split(/[、,，]/).map((one) => toFeel(one, 'string')).join(', ');
  return toFeel(text, type ?? '');
}

/** Puts rules into a decision's table; returns {count}, or {fault} with what is wrong. */
export function withRules(modeler, decision, rows, replace) {
  const table = decision.decisionLogic;
  const inputs = table.get('input');
  const outputs = table.get('output');
  const notes = columns(table).filter(([, at]) => at >= 0);
  const least = inputs.length + outputs.length;
  const heads = [...inputs.map((one) => one.label), ...outputs.map((one) => one.label ?? one.name)];
  const body = rows[0]?.slice(0, least).every((text, at) => text === heads[at]) ? rows.slice(1) : rows;
  if (!body.length) return { fault: 'paste-empty' };
  const short = body.findIndex((row) => row.length < least || row.length > least + notes.length);
  if (short >= 0) return { fault: 'paste-shape', row: short + 1, found: body[short].length, least, most: least + notes.length };
  const moddle = table.$model;
  const make = (type, values) => moddle.create(type, { ...values, ...(type === 'dmn:RuleAnnotation' ? {} : { id: moddle.ids.nextPrefixed(`${type.slice(4)}_`) }) });
  const rules = body.map((row) => {
    const rule = make('dmn:DecisionRule', {});
    rule.inputEntry = inputs.map((one, at) => child(rule, make('dmn:UnaryTests', { text: cell(row[at], one.inputExpression?.typeRef) })));
    rule.outputEntry = outputs.map((one, at) => child(rule, make('dmn:LiteralExpression', { text: cell(row[inputs.length + at], one.typeRef) })));
    const told = row.slice(least);
    if (told.some(Boolean)) rule.annotationEntry = told.map((text) => child(rule, make('dmn:RuleAnnotation', { text })));
    return child(table, rule);
  });
  if (rules.some((rule) => rule.annotationEntry) && !(table.get('annotation') ?? []).length) {
    table.annotation = notes.map(([name]) => child(table, make('dmn:RuleAnnotationClause', { name })));
    for (const clause of table.annotation) delete clause.id;
  }
  table.rule = replace ? rules : [...(table.get('rule') ?? []), ...rules];
  return { count: rules.length };
}

function child(parent, made) {
  made.$parent = parent;
  return made;
}
