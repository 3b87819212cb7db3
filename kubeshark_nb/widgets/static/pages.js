// The rows the page holds: fixed-size pages, fetched when looked at, the oldest forgotten.

export const PAGE = 64;
const MOST = 48; // 3072 rows: about 1.5 MB

/** A cache of pages. `fetch(start, count)` resolves with an array of rows; `changed()` is called when rows arrived. */
export class Pages {
  constructor(fetch, changed) {
    this.fetch = fetch;
    this.changed = changed;
    this.clear();
  }

  /** Forgets everything; answers still under way are ignored. */
  clear() {
    this.held = new Map();
    this.asked = new Map();
    this.generation = (this.generation ?? 0) + 1;
  }

  /** The row at `index`, or undefined when it is not here. */
  row(index) {
    return this.held.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Asks for the pages that hold rows `from` to `to` (exclusive, at most `total`) and are not here. */
  need(from, to, total) {
    const end = Math.min(to, total);
    for (let start = from - (from % PAGE); start < end; start += PAGE) {
      const last = Math.min(end, start + PAGE) - 1;
      if (!this.row(last)) this.load(start / PAGE, total);
    }
  }

  async load(number, total) {
    const wanted = Math.min(PAGE, total - number * PAGE);
    if (this.asked.get(number) >= wanted) return;
    this.asked.set(number, wanted);
    const generation = this.generation;
    const rows = await this.fetch(number * PAGE, PAGE).catch(() => null); // the next look at these rows asks again
    if (generation !== this.generation) return;
    this.asked.delete(number);
    if (rows) this.keep(number, rows);
  }

  keep(number, rows) {
    this.held.delete(number);
    this.held.set(number, rows);
    if (this.held.size > MOST) this.held.delete(this.held.keys().next().value);
    this.changed();
  }
}
