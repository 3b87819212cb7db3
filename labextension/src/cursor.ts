import { kflApi, scriptApi } from './api';
import type { IEntry } from './api';
import { MAGIC, isScript } from './magic';

/** Where a query stands: a line that begins with one of the magics that take one. */
export const QUERY = /^[ \t]*(?:[\w., \t]+=[ \t]*)?%kubeshark_(?:items|map|dashboard)\b(?:[ \t]+--df\b)?(?=[ \t])/;
const FILTER = /kfl\.(?:match|validate)\(\s*(?:"(?:[^"\\\n]|\\.)*|'(?:[^'\\\n]|\\.)*)$/;
const RECEIVER = /function\s+on(Item|Packet)\w*\s*\(\s*([A-Za-z_$][\w$]*)/g;
const RECEIVED: Record<string, string> = { Item: 'data', Packet: 'info' };
const BEFORE = /[A-Za-z_$][\w$.]*$/;
const AFTER = /^[\w$]*/;

/** What stands at a place of a cell. */
export interface ICursor {
  language: 'script' | 'kfl' | '';
  /** The dotted name before the place, and what of its last part follows. */
  word: string;
  rest: string;
  /** What can be said here, by the names it has here. */
  entries: readonly IEntry[];
}

/** What is at `position` of a cell's `text`; the kernel says the same in `cursor.py`. */
export function cursorIn(text: string, position: number): ICursor {
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1, position);
  const language = languageOf(text, line);
  const word = (language && BEFORE.exec(line)?.[0]) || '';
  const rest = (word && AFTER.exec(text.slice(position, position + 200))?.[0]) || '';
  const entries = language === 'script' ? renamed(text) : language === 'kfl' ? kflApi : [];
  return { language, word, rest, entries };
}

/** The entry under a cursor; of `data.request.path.length` it is `data.request.path`. */
export function entryUnder({ word, rest, entries }: ICursor): IEntry | null {
  for (let name = word + rest; name; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const found = entries.find(entry => entry.name === name);
    if (found) {
      return found;
    }
  }
  return null;
}

function languageOf(text: string, line: string): 'script' | 'kfl' | '' {
  if (isScript(text)) {
    if (line.startsWith(MAGIC)) {
      return '';
    }
    return FILTER.test(line) ? 'kfl' : 'script';
  }
  return QUERY.test(line) ? 'kfl' : '';
}

function renamed(text: string): readonly IEntry[] {
  const names = new Map([...text.matchAll(RECEIVER)].map(found => [RECEIVED[found[1]], found[2]]));
  return scriptApi.map(entry => {
    const [head, ...members] = entry.name.split('.');
    const name = [names.get(head) ?? head, ...members].join('.');
    return entry.kind === 'field' && name !== entry.name ? { ...entry, name, signature: name } : entry;
  });
}
