import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { hoverTooltip } from '@codemirror/view';
import type { EditorView, Tooltip } from '@codemirror/view';
import { MAGIC, isScript } from './magic';
import api from './script_api.json';

interface IEntry {
  name: string;
  signature: string;
  kind: string;
  text: string;
}

const entries = new Map<string, IEntry>(api.map(entry => [entry.name, entry]));
const WORD = /[A-Za-z_$][\w$.]*/g;

/** The entry named at `column` of `line`; over the last part of `data.request.path.length` that is `data.request.path`. */
export function entryAt(line: string, column: number): { entry: IEntry; from: number } | null {
  for (const match of line.matchAll(WORD)) {
    const from = match.index;
    if (column < from || column > from + match[0].length) {
      continue;
    }
    const end = match[0].indexOf('.', column - from);
    const pointed = end < 0 ? match[0] : match[0].slice(0, end);
    const entry = entries.get(match[0]) ?? entries.get(pointed);
    return entry ? { entry, from } : null;
  }
  return null;
}

function picture(entry: IEntry): HTMLElement {
  const node = document.createElement('div');
  const signature = document.createElement('code');
  const text = document.createElement('p');
  node.className = 'jp-KubesharkHelp';
  signature.textContent = entry.signature;
  text.textContent = entry.text || entry.kind;
  node.append(signature, text);
  return node;
}

function help(view: EditorView, position: number): Tooltip | null {
  const document = view.state.doc;
  const line = document.lineAt(position);
  if (line.number === 1 || !isScript(document.sliceString(0, MAGIC.length + 1))) {
    return null;
  }
  const found = entryAt(line.text, position - line.from);
  return found && { pos: line.from + found.from, above: true, create: () => ({ dom: picture(found.entry) }) };
}

/** Help on hooks, helpers and item fields under the mouse, in `%%kubeshark_script` cells. */
export const hover: JupyterFrontEndPlugin<void> = {
  id: 'kubeshark-nb:hover',
  description: 'Shows help on hooks, helpers and item fields in %%kubeshark_script cells.',
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_app: JupyterFrontEnd, extensions: IEditorExtensionRegistry) => {
    extensions.addExtension({
      name: 'kubeshark-nb:help',
      factory: ({ inline }) =>
        inline === false ? null : EditorExtensionRegistry.createImmutableExtension(hoverTooltip(help))
    });
  }
};
