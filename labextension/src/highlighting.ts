import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry, IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { isScript } from './magic';
import { startsScript } from './queries';
import { scriptLanguage } from './script_language';

/**
 * An editor extension that is `script` while line 1 is the magic and nothing otherwise. The language is exchanged only
 * in the transaction that makes line 1 the magic, or makes it something else.
 */
function follow(script: Extension, source: string): Extension {
  const language = new Compartment();
  const watch = EditorState.transactionExtender.of(transaction => {
    if (!transaction.docChanged) {
      return null;
    }
    const wanted = startsScript(transaction.newDoc) ? script : [];
    return language.get(transaction.startState) === wanted ? null : { effects: language.reconfigure(wanted) };
  });
  return [Prec.highest(language.of(isScript(source) ? script : [])), watch];
}

/** JavaScript colours in `%%kubeshark_script` cells. */
export const highlighting: JupyterFrontEndPlugin<void> = {
  id: 'kubeshark-nb:highlighting',
  description: 'Colours the body of %%kubeshark_script cells as JavaScript.',
  autoStart: true,
  requires: [IEditorExtensionRegistry, IEditorLanguageRegistry],
  activate: async (
    _app: JupyterFrontEnd,
    extensions: IEditorExtensionRegistry,
    languages: IEditorLanguageRegistry
  ) => {
    const found = await languages.getLanguage('JavaScript');
    if (!found?.support) {
      return;
    }
    const script = scriptLanguage(found.support.language);
    extensions.addExtension({
      name: 'kubeshark-nb:script',
      factory: ({ inline, model }) =>
        inline === false
          ? null
          : EditorExtensionRegistry.createImmutableExtension(follow(script, model.sharedModel.getSource()))
    });
  }
};
