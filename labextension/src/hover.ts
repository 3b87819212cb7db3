import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { hoverTooltip } from '@codemirror/view';
import type { EditorView, Tooltip } from '@codemirror/view';
import { cursorIn, entryUnder } from './cursor';
import { picture } from './picture';

function help(view: EditorView, position: number): Tooltip | null {
  const cursor = cursorIn(view.state.doc.toString(), position);
  const entry = entryUnder(cursor);
  return entry && { pos: position - cursor.word.length, above: true, create: () => ({ dom: picture(entry) }) };
}

/** Help on what is under the mouse, in `%%kubeshark_script` cells and in queries. */
export const hover: JupyterFrontEndPlugin<void> = {
  id: 'kubeshark-nb:hover',
  description: 'Shows help on hooks, helpers, item fields and KFL under the mouse.',
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
