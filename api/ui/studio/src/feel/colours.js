/** Colours only: words, numbers, texts and signs of FEEL told apart while reading. What is FEEL the engine decides. */
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';

const WORDS = /^(?:if|then|else|for|in|return|some|every|satisfies|and|or|between|instance of|instance|function|not)(?![\p{L}\p{N}_])/u;
const CONSTANTS = /^(?:true|false|null)(?![\p{L}\p{N}_])/u;

const language = StreamLanguage.define({
  name: 'feel',
  startState: () => ({ comment: false }),
  token(stream, state) {
    if (state.comment) {
      if (stream.skipTo('*/')) { stream.match('*/'); state.comment = false; } else stream.skipToEnd();
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('//')) { stream.skipToEnd(); return 'comment'; }
    if (stream.match('/*')) { state.comment = true; return 'comment'; }
    if (stream.match(/^@?\s*"(?:[^"\\]|\\.)*"?/)) return 'string';
    if (stream.match(/^(?:\d+(?:\.\d+)?|\.\d+)/)) return 'number';
    if (stream.match(CONSTANTS)) return 'atom';
    if (stream.match(WORDS)) return 'keyword';
    // A name of one or several words before a bracket is a function.
    if (stream.match(/^[\p{L}_?][\p{L}\p{N}_]*(?: [\p{L}_][\p{L}\p{N}_]*){0,4}(?=\()/u)) return 'function';
    if (stream.match(/^[\p{L}_?][\p{L}\p{N}_]*/u)) return 'variableName';
    stream.next();
    return 'operator';
  },
  tokenTable: { function: tags.function(tags.variableName) },
  languageData: { closeBrackets: { brackets: ['(', '[', '{', '"'] } },
});

const style = HighlightStyle.define([
  { tag: tags.keyword, color: '#6b21a8', fontWeight: '600' },
  { tag: tags.atom, color: '#8a3c00' },
  { tag: tags.number, color: '#8a3c00' },
  { tag: tags.string, color: '#1c6b3a' },
  { tag: tags.function(tags.variableName), color: '#0b4f9e' },
  { tag: tags.comment, color: '#4a4f57', fontStyle: 'italic' },
]);

export const colours = [language, syntaxHighlighting(style)];
