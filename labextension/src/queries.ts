import type { Text } from '@codemirror/state';
import { QUERY } from './cursor';
import { MAGIC, isScript } from './magic';

/** A query in a cell: its text, and where it starts. */
export interface IQuery {
  from: number;
  text: string;
}

/** Whether the cell is a traffic script. */
export function startsScript(document: Text): boolean {
  return isScript(document.sliceString(0, MAGIC.length + 1));
}

/** The queries of a Python cell's magic lines between two places. */
export function queriesIn(document: Text, from = 0, to = document.length): IQuery[] {
  if (startsScript(document)) {
    return [];
  }
  const found: IQuery[] = [];
  for (let at = from; at <= to; ) {
    const line = document.lineAt(at);
    const magic = QUERY.exec(line.text);
    if (magic && line.text.slice(magic[0].length).trim()) {
      found.push({ from: line.from + magic[0].length, text: line.text.slice(magic[0].length) });
    }
    at = line.to + 1;
  }
  return found;
}
