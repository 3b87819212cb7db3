import type { JSONObject } from '@lumino/coreutils';
import type { Companion, INews } from './companion';

type Listener = (message: unknown) => void;

interface IReply {
  session: boolean;
  reply: object;
}

/**
 * What the console and the jobs panel of the widgets need of their model, over the companion instead of a widget's comm:
 * their questions go to the kernel, and news of the session arrives as from a feed.
 */
export class PanelModel {
  readonly widget_manager = { get_model: async () => this.feed };
  private readonly listeners = new Set<Listener>();
  private readonly followers = new Set<Listener>();
  private readonly feed = {
    on: (_event: string, listener: Listener) => void this.followers.add(listener),
    off: (_event: string, listener: Listener) => void this.followers.delete(listener)
  };

  constructor(
    private readonly companion: Companion,
    private readonly name: 'console' | 'jobs'
  ) {
    companion.news.connect(this.tell, this);
  }

  get(trait: string): string | null {
    return trait === 'feed' ? 'companion' : null;
  }

  on(_event: string, listener: Listener): void {
    this.listeners.add(listener);
  }

  off(_event: string, listener: Listener): void {
    this.listeners.delete(listener);
  }

  send(question: JSONObject): void {
    const told = (reply: object) => this.listeners.forEach(listener => listener({ id: question.id, ...reply }));
    this.companion.ask('view', { name: this.name, question }).then(
      answer => told((answer as IReply).session ? (answer as IReply).reply : { error: 'there is no session' }),
      (error: Error) => told({ error: error.message })
    );
  }

  dispose(): void {
    this.companion.news.disconnect(this.tell, this);
  }

  private tell(_companion: Companion, news: INews): void {
    if (news.console || news.jobs) {
      this.followers.forEach(follower => follower(news));
    }
  }
}
