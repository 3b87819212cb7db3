import { kflApi } from './api';

/** A piece of a query: `from` and `to` count from its start. */
export interface IToken {
  from: number;
  to: number;
  kind: 'comment' | 'string' | 'number' | 'operator' | 'keyword' | 'macro' | 'function' | 'name';
}

const PIECES = [
  /(?<comment>\/\/.*|\/\*[\s\S]*?\*\/)/,
  /(?<string>r?"(?:[^"\\]|\\.)*"?|r?'(?:[^'\\]|\\.)*'?|`[^`]*`?)/,
  /(?<number>\d+(?:\.\d+)?)/,
  /(?<operator>&&|\|\||[=!<>]=?|[-+*/%?:])/,
  /(?<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)/
];
const PIECE = new RegExp(PIECES.map(piece => piece.source).join('|'), 'g');
const KEYWORDS = new Set(['and', 'or', 'in', 'true', 'false', 'nil', 'null']);
const MACROS = new Set(kflApi.filter(entry => entry.kind === 'macro').map(entry => entry.name));

/** The pieces of a query of either language, in order; what has no colour is left out. */
export function tokens(query: string): IToken[] {
  return [...query.matchAll(PIECE)].flatMap(found => {
    const [kind, text] = Object.entries(found.groups ?? {}).find(([, value]) => value !== undefined) ?? ['', ''];
    const to = found.index + text.length;
    const piece = { from: found.index, to, kind: kind as IToken['kind'] };
    return kind === 'name' ? named(text, found.index, query.charAt(to)) : [piece];
  });
}

function named(text: string, from: number, next: string): IToken[] {
  const to = from + text.length;
  if (KEYWORDS.has(text)) {
    return [{ from, to, kind: 'keyword' }];
  }
  if (next !== '(') {
    return [{ from, to, kind: MACROS.has(text) ? 'macro' : 'name' }];
  }
  const member = from + text.lastIndexOf('.') + 1; // of `path.startsWith(` only the last part is a function
  const owner: IToken[] = member > from ? [{ from, to: member - 1, kind: 'name' }] : [];
  return [...owner, { from: member, to, kind: 'function' }];
}
