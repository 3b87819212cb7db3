/** The first line of a cell whose body is a traffic script. */
export const MAGIC = '%%kubeshark_script';

/** True when the cell that starts with `head` (at least `MAGIC.length + 1` characters) is a traffic script. */
export function isScript(head: string): boolean {
  return head.startsWith(MAGIC) && !/\w/.test(head.charAt(MAGIC.length));
}
