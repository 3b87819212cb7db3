import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICompletionProviderManager } from '@jupyterlab/completer';
import type { CompletionHandler, ICompletionContext, ICompletionProvider } from '@jupyterlab/completer';
import type { IEntry } from './api';
import { cursorIn } from './cursor';

function item(entry: IEntry): CompletionHandler.ICompletionItem {
  const lines = [entry.signature ?? entry.name, entry.text, ...(entry.example ?? [])];
  return { label: entry.name, insertText: entry.name, type: entry.kind, documentation: lines.join('\n') };
}

/** Completes without asking the kernel: before the magics are loaded, and while a cell runs. */
const provider: ICompletionProvider = {
  identifier: 'kubeshark-nb',
  rank: 900,
  renderer: null,
  isApplicable: async ({ editor }: ICompletionContext) =>
    editor !== undefined &&
    editor !== null &&
    cursorIn(editor.model.sharedModel.getSource(), editor.getOffsetAt(editor.getCursorPosition())).language !== '',
  fetch: async ({ text, offset }: CompletionHandler.IRequest) => {
    const { word, entries } = cursorIn(text, offset);
    const items = word ? entries.filter(entry => entry.name.startsWith(word)).map(item) : [];
    return { start: offset - word.length, end: offset, items };
  }
};

/** Completion of hooks, helpers, item fields and KFL. */
export const completion: JupyterFrontEndPlugin<void> = {
  id: 'kubeshark-nb:completion',
  description: 'Completes names in %%kubeshark_script cells and in queries.',
  autoStart: true,
  requires: [ICompletionProviderManager],
  activate: (_app: JupyterFrontEnd, manager: ICompletionProviderManager) => manager.registerProvider(provider)
};
