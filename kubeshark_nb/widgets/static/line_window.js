// A scrolled list of which only the part that is looked at exists: entries of one or more rows, asked for as needed.
import { el } from "./dom.js";
import { firstRow, geometry, reveal, scrollFor } from "./scroll.js";

const LINE_ROW = 19; // px; the style sheet says the same
const MARGIN = 40; // rows asked for above and below the visible ones
const AT_END = 1; // rows above the end that still count as the end

/**
 * `fetch(row, count)` resolves with { epoch, base, rows, entries: [{ row, rows, number, repeated, … }] }, where row -1
 * asks for the end; `draw(entry)` makes an element; `moved()` hears of scrolling, `answered(answer)` of each answer.
 */
export class LineWindow {
  constructor({ fetch, draw, moved, answered }, attributes) {
    Object.assign(this, { fetch, draw, moved, answered });
    this.held = { epoch: 0, base: 0, rows: 0, from: 0, to: 0, entries: [] };
    this.nodes = new Map();
    this.first = 0; // fractional row at the top edge, counted from `base`
    this.placed = 0;
    this.atEnd = true;
    this.asked = 0;
    this.spacer = el("div", "ks-lines-spacer");
    this.area = el("div", { ...attributes, on: { ...attributes.on, scroll: () => this.scrolled(), wheel: (event) => this.wheeled(event) } }, this.spacer);
    this.watcher = new ResizeObserver(() => (this.atEnd ? this.toEnd() : this.render()));
    this.watcher.observe(this.area);
  }

  close() {
    this.watcher.disconnect();
    this.asked += 1;
  }

  view() {
    return geometry(this.held.rows, LINE_ROW, Math.max(LINE_ROW, this.area.clientHeight));
  }

  scrolled() {
    if (Math.abs(this.area.scrollTop - this.placed) > 1) {
      this.first = firstRow(this.view(), this.area.scrollTop);
      this.placed = this.area.scrollTop;
      this.noteEnd();
    }
    this.render();
  }

  wheeled(event) {
    const view = this.view();
    if (!view.scaled || event.ctrlKey) return;
    event.preventDefault();
    this.show(this.first + event.deltaY / LINE_ROW);
    this.noteEnd();
  }

  noteEnd() {
    const view = this.view();
    this.atEnd = this.first + view.rows >= view.total - AT_END;
    this.moved();
  }

  /** Scrolls so that row `first` is the topmost. */
  show(first) {
    const view = this.view();
    this.spacer.style.height = `${view.spacer}px`;
    this.first = Math.max(0, Math.min(first, view.total - view.rows));
    this.area.scrollTop = scrollFor(view, this.first);
    this.placed = this.area.scrollTop;
    this.render();
  }

  toEnd() {
    this.atEnd = true;
    this.show(this.held.rows);
  }

  /** Brings `entry` into view. */
  reveal(entry) {
    this.show(reveal(this.view(), this.first, entry.row - this.held.base));
    this.noteEnd();
  }

  /** Asks anew: for the end, or for what is in view. */
  async refresh(end = this.atEnd) {
    const view = this.view();
    const count = Math.ceil(view.rows) + 2 * MARGIN;
    const row = end ? -1 : Math.max(0, Math.floor(this.first) - MARGIN) + this.held.base;
    const mine = ++this.asked;
    const answer = await this.fetch(row, count).catch(() => null);
    if (!answer || mine !== this.asked) return;
    this.take(answer, end, row < 0 ? answer.base + answer.rows - count : row, count);
  }

  take(answer, end, from, count) {
    const again = answer.epoch !== this.held.epoch; // cleared, or another run: there is no place to keep
    if (!again) this.first = Math.max(0, this.first - (answer.base - this.held.base));
    this.held = { ...answer, from: from - answer.base, to: from - answer.base + count };
    this.keep();
    this.answered(answer);
    this.asking = false; // or what is missing by now would not be asked for
    if (end || again) this.toEnd();
    else this.show(this.first);
  }

  keep() {
    const wanted = new Map(this.held.entries.map((entry) => [`${this.held.epoch} ${entry.number} ${entry.repeated}`, entry]));
    this.nodes.forEach((node, key) => { if (!wanted.has(key)) { node.remove(); this.nodes.delete(key); } });
    wanted.forEach((entry, key) => {
      if (this.nodes.has(key)) return;
      const node = this.draw(entry);
      node.style.height = `${entry.rows * LINE_ROW}px`;
      node.dataset.number = String(entry.number);
      this.nodes.set(key, node);
    });
    this.spacer.replaceChildren(...[...wanted.keys()].map((key) => this.nodes.get(key)));
  }

  /** Draws everything anew, when what `draw` makes has changed. */
  redraw() {
    this.nodes.forEach((node) => node.remove());
    this.nodes.clear();
    this.keep();
    this.render();
  }

  render() {
    const view = this.view();
    const { from, to, base, rows } = this.held;
    const top = view.scaled ? this.area.scrollTop - this.first * LINE_ROW : 0;
    this.held.entries.forEach((entry) => {
      const node = this.nodes.get(`${this.held.epoch} ${entry.number} ${entry.repeated}`);
      if (node) node.style.transform = `translateY(${top + (entry.row - base) * LINE_ROW}px)`;
    });
    const missing = this.first < Math.max(0, from) || this.first + view.rows > Math.min(rows, to);
    if (missing && rows && !this.asking) {
      this.asking = true;
      this.refresh(false).finally(() => { this.asking = false; });
    }
  }
}
