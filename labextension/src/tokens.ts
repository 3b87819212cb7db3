import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import { Companion } from './companion';

/** What the current kernel says, for the plugins that show it. */
export const ICompanion = new Token<Companion>('kubeshark-nb:ICompanion', 'What the current kernel says of its session.');

/** Listens to the kernel of the current notebook. */
export const companion: JupyterFrontEndPlugin<Companion> = {
  id: 'kubeshark-nb:companion',
  description: 'Talks to the kernel of the current notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  provides: ICompanion,
  activate: (_app: JupyterFrontEnd, tracker: INotebookTracker) => new Companion(tracker)
};
