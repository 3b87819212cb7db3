import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';
import type { Companion, ILight } from './companion';
import { SIDEBAR } from './sidebar';
import { ICompanion } from './tokens';

const IDLE: ILight = { session: false, state: 'idle', vendors: [], text: '', part: -1 };

function words({ state, vendors, part }: ILight): string {
  const sending = vendors.length ? `vendors live! ${vendors.join(', ')}` : '';
  const doing = state === 'replaying' && part >= 0 ? `replaying ${Math.round(part * 100)} %` : state;
  return [`Kubeshark ${doing}`, sending].filter(Boolean).join(' · ');
}

/** The light: what the session does, and in red when calls to services are really sent. */
class Light extends Widget {
  constructor(
    private readonly companion: Companion,
    open: () => void
  ) {
    super({ node: document.createElement('button') });
    this.addClass('jp-KubesharkLight');
    this.node.addEventListener('click', open);
    companion.changed.connect(this.draw, this);
    companion.news.connect(this.draw, this);
    this.draw();
  }

  private draw(): void {
    const light = this.companion.light ?? IDLE;
    const text = words(light);
    this.node.dataset.state = light.vendors.length ? 'vendors' : light.state;
    if (this.node.textContent !== text) {
      this.node.textContent = text;
    }
    this.node.title = `${light.text}\nClick for the console and the jobs.`.trim();
  }
}

/** The status light. Notebook 7 has no status bar, and no light. */
export const light: JupyterFrontEndPlugin<void> = {
  id: 'kubeshark-nb:light',
  description: 'Shows in the status bar what the session does.',
  autoStart: true,
  requires: [ICompanion],
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, companion: Companion, statusBar: IStatusBar | null) => {
    statusBar?.registerStatusItem('kubeshark-nb:light', {
      item: new Light(companion, () => app.shell.activateById(SIDEBAR)),
      align: 'left',
      rank: 900,
      isActive: () => companion.connected,
      activeStateChanged: companion.changed
    });
  }
};
