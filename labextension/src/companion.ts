import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject, JSONValue } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

/** The state of a kernel's session, as its `companion.py` tells it. */
export interface ILight {
  session: boolean;
  state: 'idle' | 'replaying' | 'live';
  vendors: string[];
  text: string;
  part: number;
}

/** What the kernel pushes: only what has changed. */
export interface INews {
  light?: ILight;
  console?: JSONValue;
  jobs?: JSONValue;
}

interface IWaiting {
  resolve: (answer: unknown) => void;
  reject: (reason: Error) => void;
}

const TARGETS = { ask: 'kubeshark_nb.ask', news: 'kubeshark_nb.news' };
const PAGE = Math.random().toString(36).slice(2); // other pages on the same kernel get our answers, too

/** The two comms of one kernel that has our magics loaded. */
class Wires {
  readonly news = new Signal<this, INews>(this);
  readonly changed = new Signal<this, void>(this);
  light: ILight | null = null;
  private asked: Kernel.IComm | null = null;
  private waiting = new Map<string, IWaiting>();
  private last = 0;

  constructor(private readonly kernel: Kernel.IKernelConnection) {
    kernel.registerCommTarget(TARGETS.ask, comm => this.useAsk(comm));
    kernel.registerCommTarget(TARGETS.news, comm => this.useNews(comm));
    kernel.statusChanged.connect((_, status) => {
      if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
        this.cut();
      }
    });
    void this.find();
  }

  get connected(): boolean {
    return this.asked !== null;
  }

  ask(kind: string, body: JSONObject): Promise<unknown> {
    const id = `${PAGE}-${++this.last}`;
    return new Promise((resolve, reject) => {
      if (!this.asked) {
        reject(new Error('the kernel has not loaded kubeshark_nb'));
        return;
      }
      this.waiting.set(id, { resolve, reject });
      this.asked.send({ ...body, ask: kind, id });
    });
  }

  /** After a reload of the page: the comms that the kernel opened for its predecessor. */
  private async find(): Promise<void> {
    const uses = { [TARGETS.news]: this.useNews, [TARGETS.ask]: this.useAsk };
    for (const [target, use] of Object.entries(uses)) {
      const { content } = await this.kernel.requestCommInfo({ target_name: target });
      const id = content.status === 'ok' ? Object.keys(content.comms).pop() : undefined;
      if (id && !this.kernel.hasComm(id)) {
        use.call(this, this.kernel.createComm(target, id));
      }
    }
  }

  private useAsk(comm: Kernel.IComm): void {
    this.asked = comm;
    comm.onMsg = message => this.answered(message);
    comm.onClose = () => this.cut();
    this.changed.emit();
    void this.ask('light', {}).then(light => this.tell({ light: light as ILight }), () => undefined);
  }

  private useNews(comm: Kernel.IComm): void {
    comm.onMsg = message => this.tell(message.content.data as INews);
  }

  private tell(news: INews): void {
    this.light = news.light ?? this.light;
    this.news.emit(news);
  }

  private answered({ content: { data } }: KernelMessage.ICommMsgMsg): void {
    const promise = this.waiting.get(String(data.id));
    this.waiting.delete(String(data.id));
    if ('error' in data) {
      promise?.reject(new Error(String(data.error)));
    } else {
      promise?.resolve(data.answer);
    }
  }

  private cut(): void {
    this.asked = null;
    this.light = null;
    this.waiting.forEach(({ reject }) => reject(new Error('the kernel is gone')));
    this.waiting.clear();
    this.changed.emit();
  }
}

/** What the current notebook's kernel says about its session. Follows from notebook to notebook. */
export class Companion {
  private readonly wires = new WeakMap<Kernel.IKernelConnection, Wires>();
  private current: Wires | null = null;
  private panel: NotebookPanel | null = null;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _news = new Signal<this, INews>(this);

  constructor(tracker: INotebookTracker) {
    tracker.currentChanged.connect((_, panel) => this.follow(panel));
    this.follow(tracker.currentWidget);
  }

  /** Emitted when another kernel is current, or the current one has come or gone. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the current kernel pushes. */
  get news(): ISignal<this, INews> {
    return this._news;
  }

  /** Whether the current kernel has loaded our magics. */
  get connected(): boolean {
    return this.current?.connected ?? false;
  }

  /** The state last told. */
  get light(): ILight | null {
    return this.current?.light ?? null;
  }

  /** The current notebook's name. */
  get notebook(): string {
    return this.panel?.title.label ?? '';
  }

  /** Ask the current kernel; rejects when it has not loaded our magics, or answers with an error. */
  ask(kind: string, body: JSONObject = {}): Promise<unknown> {
    return this.current ? this.current.ask(kind, body) : Promise.reject(new Error('there is no kernel'));
  }

  private follow(panel: NotebookPanel | null): void {
    this.panel?.sessionContext.kernelChanged.disconnect(this.attach, this);
    this.panel = panel;
    panel?.sessionContext.kernelChanged.connect(this.attach, this);
    this.attach();
  }

  private attach(): void {
    const kernel = this.panel?.sessionContext.session?.kernel ?? null;
    this.current?.changed.disconnect(this.pass, this);
    this.current?.news.disconnect(this.passNews, this);
    this.current = kernel && this.wiresOf(kernel);
    this.current?.changed.connect(this.pass, this);
    this.current?.news.connect(this.passNews, this);
    this.pass();
  }

  private wiresOf(kernel: Kernel.IKernelConnection): Wires {
    const found = this.wires.get(kernel) ?? new Wires(kernel);
    this.wires.set(kernel, found);
    return found;
  }

  private pass(): void {
    this._changed.emit();
  }

  private passNews(_wires: Wires, news: INews): void {
    this._news.emit(news);
  }
}
