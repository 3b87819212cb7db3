// A table of any length of which only the visible rows exist: columns, sorting, keyboard, virtual scrolling.
import { el, fill } from "./dom.js";
import { firstRow, geometry, reveal, scrollFor } from "./scroll.js";

const ROW = 28;
const SPARE = 6; // rows kept above and below the visible ones
const NARROWEST = 36;
const WIDEST = 2000;
const STEP = 12; // px by which Shift and an arrow change a column
let grids = 0; // so that rows have ids of their own in a page with several grids

/**
 * Shows rows that `source` gives: `total()`, `row(index)` (undefined while on its way), `need(from, to)`.
 * `on.select(index)`, `on.open(index)`, `on.sort(key, descending)` and `on.columns(state)` tell what the user did.
 */
export class Grid {
  constructor(columns, source, on, label) {
    this.columns = columns;
    this.source = source;
    this.on = on;
    this.hidden = new Set(columns.filter((column) => column.optional).map((column) => column.key));
    this.first = 0;
    this.placed = 0;
    this.selected = -1;
    this.sort = { key: "", descending: false };
    this.shown = new Map();
    this.name = `ks-grid-${++grids}`;
    this.head = el("div", { className: "ks-head", role: "row" });
    this.spacer = el("div", { className: "ks-spacer", role: "rowgroup" });
    this.area = el("div", {
      className: "ks-scroll",
      tabIndex: 0,
      role: "grid",
      "aria-label": label,
      "data-lm-suppress-shortcuts": "true",
      on: { scroll: () => this.scrolled(), wheel: (event) => this.wheeled(event), keydown: (event) => this.pressed(event) },
    }, this.head, this.spacer);
    this.watcher = new ResizeObserver(() => this.render());
    this.watcher.observe(this.area);
    this.layColumns();
  }

  close() {
    this.watcher.disconnect();
  }

  get visibleColumns() {
    return this.columns.filter((column) => !this.hidden.has(column.key));
  }

  /** Shows or hides the column `key`. */
  toggle(key) {
    if (!this.hidden.delete(key)) this.hidden.add(key);
    this.layColumns();
    this.refresh();
    this.chosen();
  }

  /** Hidden columns and widths as `on.columns` was told them, or null. */
  restore(state) {
    if (!Array.isArray(state?.hidden)) return;
    const known = new Map(this.columns.map((column) => [column.key, column]));
    this.hidden = new Set(state.hidden.filter((key) => known.get(key)?.title));
    Object.entries(state.widths ?? {}).forEach(([key, width]) => known.has(key) && this.widen(known.get(key), Number(width) || 0));
    this.layColumns();
  }

  chosen() {
    const widths = this.columns.filter((column) => column.resized).map((column) => [column.key, column.width]);
    this.on.columns?.({ hidden: [...this.hidden], widths: Object.fromEntries(widths) });
  }

  widen(column, width) {
    column.width = Math.max(NARROWEST, Math.min(WIDEST, Math.round(width)));
    column.resized = true;
  }

  // --- header -------------------------------------------------------------------------------------------------

  layColumns() {
    this.setWidths();
    fill(this.head, this.visibleColumns.map((column) => this.headCell(column)));
  }

  setWidths() {
    const tracks = this.visibleColumns.map((column) => (column.grow && !column.resized ? `minmax(${column.width}px, ${column.grow}fr)` : `${column.width}px`));
    const least = this.visibleColumns.reduce((sum, column) => sum + column.width, 0);
    this.area.style.setProperty("--ks-columns", tracks.join(" "));
    this.area.style.setProperty("--ks-least", `${least}px`);
  }

  headCell(column) {
    const sorted = column.sort && this.sort.key === column.sort;
    const order = sorted ? (this.sort.descending ? "descending" : "ascending") : "none";
    const arrow = sorted ? (this.sort.descending ? " ▾" : " ▴") : "";
    const title = el("button", {
      className: "ks-head-title",
      type: "button",
      title: `${column.hint ?? column.title}${column.sort ? ": click to sort" : ""} (Shift and ← → change the width)`,
      "aria-label": column.title ? null : column.hint,
      "aria-disabled": column.sort ? null : "true",
      on: { click: () => column.sort && this.sortBy(column.sort), keydown: (event) => this.resizedByKey(event, column) },
    }, column.title + arrow);
    const handle = el("span", { className: "ks-resize", "aria-hidden": "true", on: { pointerdown: (event) => this.resize(event, column) } });
    return el("div", { className: `ks-head-cell ks-${column.align ?? "left"}`, role: "columnheader", "aria-sort": order, data: { key: column.key } }, title, handle);
  }

  /** Ascending, descending, then back to the order of arrival. */
  sortBy(key) {
    const { key: old, descending } = this.sort;
    if (old !== key) this.sort = { key, descending: false };
    else this.sort = descending ? { key: "", descending: false } : { key, descending: true };
    this.layColumns();
    this.on.sort(this.sort.key, this.sort.descending);
  }

  resize(event, column) {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.target;
    const start = event.clientX;
    const width = handle.parentElement.getBoundingClientRect().width;
    const move = (at) => {
      this.widen(column, width + at.clientX - start);
      this.setWidths();
    };
    const stop = () => {
      handle.removeEventListener("pointermove", move);
      this.chosen();
    };
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", stop, { once: true });
    handle.addEventListener("pointercancel", stop, { once: true });
  }

  resizedByKey(event, column) {
    const way = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!event.shiftKey || !way) return;
    event.preventDefault();
    event.stopPropagation();
    this.widen(column, event.currentTarget.parentElement.getBoundingClientRect().width + way);
    this.setWidths();
    this.chosen();
  }

  // --- scrolling ----------------------------------------------------------------------------------------------

  view() {
    return geometry(this.source.total(), ROW, Math.max(ROW, this.area.clientHeight - this.head.offsetHeight));
  }

  get atEnd() {
    const view = this.view();
    return this.first + view.rows >= view.total - 1;
  }

  scrolled() {
    const byUser = Math.abs(this.area.scrollTop - this.placed) > 1;
    if (byUser) this.first = firstRow(this.view(), this.area.scrollTop);
    this.placed = this.area.scrollTop;
    this.render();
    if (byUser) this.on.scroll();
  }

  // With more rows than pixels the browser's own wheel step would skip hundreds of rows.
  wheeled(event) {
    const view = this.view();
    if (!view.scaled || event.ctrlKey) return;
    event.preventDefault();
    this.show(this.first + event.deltaY / ROW);
    this.on.scroll();
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
    this.show(this.source.total());
  }

  // --- keyboard -----------------------------------------------------------------------------------------------

  pressed(event) {
    if (event.target !== this.area || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.view().rows) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.move(steps[event.key]);
    else if (event.key === "Enter" && this.selected >= 0) this.on.open(this.selected);
    else if (!this.on.key?.(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(step) {
    const last = this.source.total() - 1;
    if (last < 0) return;
    const from = this.selected < 0 ? Math.floor(this.first) - Math.sign(step) : this.selected;
    this.select(Math.max(0, Math.min(last, from + step)));
  }

  /** Selects row `index` and brings it into view. */
  select(index) {
    this.selected = index;
    this.show(reveal(this.view(), this.first, index));
    this.refresh();
    this.on.select(index);
  }

  // --- rows ---------------------------------------------------------------------------------------------------

  /** Draws every visible row anew. */
  refresh() {
    this.shown.forEach((node) => node.remove());
    this.shown.clear();
    this.render();
  }

  /** Draws what is missing and puts every row in its place. */
  render() {
    const view = this.view();
    if (!this.area.isConnected) return;
    this.spacer.style.height = `${view.spacer}px`;
    const from = Math.max(0, Math.floor(this.first) - SPARE);
    const to = Math.min(view.total, Math.ceil(this.first + view.rows) + SPARE);
    this.source.need(from, to);
    this.drop(from, to);
    const top = view.scaled ? this.area.scrollTop - this.first * ROW : 0;
    for (let index = from; index < to; index += 1) this.place(index, top + index * ROW);
    this.area.setAttribute("aria-rowcount", String(view.total));
    this.area.setAttribute("aria-colcount", String(this.visibleColumns.length));
    if (this.shown.has(this.selected)) this.area.setAttribute("aria-activedescendant", `${this.name}-${this.selected}`);
    else this.area.removeAttribute("aria-activedescendant");
  }

  drop(from, to) {
    for (const [index, node] of this.shown) {
      if (index >= from && index < to && !(node.waiting && this.source.row(index))) continue;
      node.remove();
      this.shown.delete(index);
    }
  }

  place(index, y) {
    let node = this.shown.get(index);
    if (!node) {
      node = this.draw(index);
      this.shown.set(index, node);
      this.spacer.appendChild(node);
    }
    node.style.transform = `translateY(${y}px)`;
  }

  draw(index) {
    const row = this.source.row(index);
    const node = el("div", {
      className: `ks-row ${row ? this.on.rowClass(row) : "ks-waiting"} ${index === this.selected ? "ks-selected" : ""}`,
      id: `${this.name}-${index}`,
      role: "row",
      "aria-rowindex": String(index + 1),
      "aria-selected": String(index === this.selected),
      data: { index: String(index) },
      on: { click: () => this.clicked(index) },
    }, row ? this.visibleColumns.map((column) => this.cell(column, row)) : el("div", { className: "ks-cell ks-wait", role: "gridcell" }, "…"));
    node.waiting = !row;
    return node;
  }

  cell(column, row) {
    return el("div", { className: `ks-cell ks-${column.align ?? "left"} ks-cell-${column.key}`, role: "gridcell" }, column.draw(row));
  }

  clicked(index) {
    this.area.focus({ preventScroll: true });
    this.select(index);
    this.on.open(index);
  }
}
