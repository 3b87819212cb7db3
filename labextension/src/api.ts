import kfl from './kfl_api.json';
import script from './script_api.json';

/** A name a script or a query can use; see `kubeshark_nb/widgets/api.py`, which reads the same descriptions. */
export interface IEntry {
  name: string;
  kind: string;
  text: string;
  signature?: string;
  type?: string;
  parameters?: { name: string; type: string; text: string }[];
  returns?: string;
  throws?: string;
  notes?: string[];
  example?: string[];
}

const ITEM = 'data.';

/** Every name of a script. */
export const scriptApi: readonly IEntry[] = script;

/** Every name of a query: those of both languages, then the fields of an item. */
export const kflApi: readonly IEntry[] = withFields(kfl);

function withFields(named: IEntry[]): IEntry[] {
  const known = new Set(named.map(entry => entry.name));
  const fields = scriptApi
    .filter(entry => entry.kind === 'field' && entry.name.startsWith(ITEM))
    .map(entry => ({ ...entry, name: entry.name.slice(ITEM.length), signature: entry.name.slice(ITEM.length) }));
  return [...named, ...fields.filter(entry => !known.has(entry.name))];
}
