import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { Prec, RangeSetBuilder } from '@codemirror/state';
import { Decoration, ViewPlugin } from '@codemirror/view';
import type { DecorationSet, EditorView, ViewUpdate } from '@codemirror/view';
import { tokens } from './kfl_tokens';
import { queriesIn } from './queries';

const MARKS = new Map<string, Decoration>();

function mark(kind: string): Decoration {
  const made = MARKS.get(kind) ?? Decoration.mark({ class: `jp-KubesharkKfl jp-KubesharkKfl-${kind}` });
  MARKS.set(kind, made);
  return made;
}

function coloured(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const range of view.visibleRanges) {
    for (const query of queriesIn(view.state.doc, range.from, range.to)) {
      builder.add(query.from, query.from + query.text.length, mark('query'));
      for (const token of tokens(query.text)) {
        builder.add(query.from + token.from, query.from + token.to, mark(token.kind));
      }
    }
  }
  return builder.finish();
}

const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = coloured(view);
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) {
        this.decorations = coloured(update.view);
      }
    }
  },
  { decorations: plugin => plugin.decorations }
);

/** KFL colours in `%kubeshark_items …` lines of Python cells, and nowhere else. */
export const queryColours: JupyterFrontEndPlugin<void> = {
  id: 'kubeshark-nb:query-colours',
  description: 'Colours the query of %kubeshark_items lines as KFL.',
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_app: JupyterFrontEnd, extensions: IEditorExtensionRegistry) => {
    extensions.addExtension({
      name: 'kubeshark-nb:query-colours',
      factory: ({ inline }) =>
        inline === false ? null : EditorExtensionRegistry.createImmutableExtension(Prec.highest(colours))
    });
  }
};
