import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';
import type { Companion } from './companion';
import { fin } from './icon';
import { PanelModel } from './panel_model';
import { mountConsole } from './static/console_view.js';
import { mountJobs } from './static/jobs_view.js';
import { ICompanion } from './tokens';

/** The sidebar's id in the shell. */
export const SIDEBAR = 'kubeshark-nb:sidebar';

const NOTHING = `The console and the jobs of the notebook you work in.
In a notebook, run %load_ext kubeshark_nb and bind a capture.`;

function section(title: string): { around: HTMLElement; root: HTMLElement } {
  const around = document.createElement('section');
  const head = document.createElement('h3');
  const root = document.createElement('div');
  around.className = `jp-KubesharkSidebar-part jp-KubesharkSidebar-${title.toLowerCase()}`;
  head.textContent = title;
  root.className = `ks-root ${title === 'Console' ? 'ks-console-root' : ''}`;
  around.append(head, root);
  return { around, root };
}

/** Console and jobs of the current notebook's session. */
class Sidebar extends Widget {
  private readonly head = document.createElement('header');
  private readonly body = document.createElement('div');
  private shown = false;
  private unmount: () => void = () => undefined;

  constructor(private readonly companion: Companion) {
    super();
    this.id = SIDEBAR;
    this.addClass('jp-KubesharkSidebar');
    this.title.icon = fin;
    this.title.caption = 'Kubeshark: console and jobs';
    this.body.className = 'jp-KubesharkSidebar-body';
    this.node.append(this.head, this.body);
    companion.changed.connect(this.rebuild, this);
    companion.news.connect(this.draw, this);
    this.empty();
  }

  protected onAfterShow(): void {
    this.draw();
  }

  private rebuild(): void {
    this.empty();
    this.draw();
  }

  private empty(): void {
    this.unmount();
    this.unmount = () => undefined;
    this.shown = false;
    this.head.textContent = this.companion.notebook || 'Kubeshark';
    const note = document.createElement('p');
    note.className = 'jp-KubesharkSidebar-note';
    note.textContent = NOTHING;
    this.body.replaceChildren(note);
  }

  private draw(): void {
    const session = this.companion.light?.session ?? false;
    if (this.shown && !session) {
      this.empty();
    } else if (!this.shown && session && this.isVisible) {
      this.mount();
    }
    this.head.title = this.companion.light?.text ?? '';
  }

  private mount(): void {
    this.shown = true;
    const [above, below] = [section('Console'), section('Jobs')];
    const models = [new PanelModel(this.companion, 'console'), new PanelModel(this.companion, 'jobs')];
    this.body.replaceChildren(above.around, below.around);
    const views = [mountConsole(models[0], above.root, null), mountJobs(models[1], below.root)];
    this.unmount = () => {
      views.forEach(view => view.close());
      models.forEach(model => model.dispose());
    };
  }
}

/** The sidebar on the right. */
export const sidebar: JupyterFrontEndPlugin<void> = {
  id: 'kubeshark-nb:sidebar',
  description: 'Console and jobs of the current notebook in a sidebar.',
  autoStart: true,
  requires: [ICompanion],
  optional: [ILayoutRestorer],
  activate: (app: JupyterFrontEnd, companion: Companion, restorer: ILayoutRestorer | null) => {
    const panel = new Sidebar(companion);
    app.shell.add(panel, 'right', { rank: 900 });
    restorer?.add(panel, SIDEBAR);
  }
};
