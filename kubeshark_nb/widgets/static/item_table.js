// The item table: filter bar, rows fetched as they are looked at, detail pane.
import { button, el, fill } from "./dom.js";
import { drawDetail } from "./detail.js";
import { fromBase64 } from "./bytes.js";
import { download } from "./clipboard.js";
import { filterBar } from "./filter_bar.js";
import { Grid } from "./grid.js";
import { itemColumns } from "./item_columns.js";
import { dropDown } from "./menu.js";
import { recall, remember } from "./memory.js";
import { Pages } from "./pages.js";
import { verdict } from "./protocol.js";
import { kernelNote } from "./kernel_note.js";
import { connect, follow } from "./rpc.js";
import { grouped, plural } from "./text.js";

const FOLLOW_MS = 800; // how often a table that follows the newest rows asks for them
const REFILTER_MS = 1000; // how often a filtered table looks for new matches, at most
const REFILTER_SHARE = 5; // and no more than one part in this many of the time goes into it
const SETTLE_MS = 120; // after which a row reached by the keyboard is shown in the open detail pane
const EMPTY = "No items yet. Bind a capture with %kubeshark_capture and run a script, or wait for traffic.";

/** Draws an item table of `model` into `root`; `onQuery(kfl)` hears of every applied filter. Returns { close, addTerm(kfl), openItem(id) }. */
export function mountItemTable(model, root, onQuery = () => {}) {
  const { ask, close } = connect(model, kernelNote(root));
  const memory = { tab: "Request" };
  let shown = { view: 0, total: 0, stored: 0, growing: true, partial: false }; // the arrangement on the page
  let stored = 0; // items there are by now
  let seen = 0; // rows that were there when the end was last in view
  let query = "";
  let order = "";
  let run = 0;
  let follows = false;
  let number = 0; // of the latest arrangement asked for
  let stop = null; // cancels the search that goes on
  let opened = null;
  let following = true; // the newest rows are in view, and stay so as items arrive
  let follower = 0;
  let settling = 0;

  const pages = new Pages(fetchRows, () => {
    markStream();
    grid.render();
  });

  const grid = new Grid(itemColumns(), {
    total: () => shown.total,
    row: (index) => pages.row(index),
    need: (from, to) => pages.need(from, to, shown.total),
  }, {
    rowClass,
    select: selected,
    open,
    sort: (key, descending) => {
      order = key ? (descending ? "-" : "") + key : "";
      arrange(query);
    },
    scroll: noteEnd,
    columns: (state) => remember("columns", state),
    key: (key) => (key === "/" ? (bar.focus(), true) : key === "Escape" ? (closeDetail(), true) : false),
  }, "Items");

  const bar = filterBar((text) => ask("check", { query: text }), arrange, () => stop?.());
  const count = el("span", { className: "ks-count", role: "status" });
  const fresh = button("", "Show the newest items", showNewest, "ks-fresh");
  const detail = el("div", { className: "ks-detail", role: "region", "aria-label": "Item", on: { keydown: (event) => event.key === "Escape" && (closeDetail(), grid.area.focus()) } });
  const divider = el("div", { className: "ks-divider", on: { pointerdown: dragDivider } });
  const empty = el("div", "ks-nothing");
  const split = el("div", "ks-split", el("div", "ks-list", grid.area, empty, fresh), divider, detail);
  grid.restore(recall("columns"));
  const foot = el("div", "ks-foot", count, el("span", "ks-gap"), columnMenu());
  root.append(bar.node, split, foot);
  closeDetail();

  async function fetchRows(start, count_) {
    const { gone, columns, rows } = await ask("rows", { view: shown.view, start, count: count_ });
    if (gone) throw (arrange(query, true), new Error("arranged anew"));
    return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
  }

  function rowClass(row) {
    const said = verdict(row);
    const kin = opened && row.stream === opened.stream && row.node === opened.node ? "ks-kin" : "";
    return `${said ? `ks-${said}` : ""} ${kin}`;
  }

  function markStream() {
    grid.shown.forEach((node, index) => node.classList.toggle("ks-kin", Boolean(opened) && pages.row(index)?.stream === opened.stream));
  }

  function columnMenu() {
    const boxes = grid.columns.filter((column) => column.title).map((column) => el("label", "ks-choice", el("input", { type: "checkbox", checked: !grid.hidden.has(column.key), on: { change: () => grid.toggle(column.key) } }), column.title));
    return dropDown("Columns", boxes);
  }

  function news() {
    return order ? stored - shown.stored : shown.total - seen;
  }

  function say() {
    const all = query ? `${grouped(shown.total)} of ${plural(stored, "item")} match` : plural(order ? shown.total : stored, "item");
    fill(count, all, shown.partial ? " · the search was stopped: there may be more" : "", order ? " · sorted, as they were" : "");
    fresh.style.display = news() > 0 ? "" : "none";
    fill(fresh, order ? `↻ ${plural(news(), "new item")}` : `↓ ${plural(news(), "new item")}`);
    fill(empty, shown.total ? "" : query ? "No item matches this filter." : EMPTY);
    empty.style.display = shown.total ? "none" : "";
  }

  function showNewest() {
    if (order) return arrange(query);
    grid.toEnd();
    return noteEnd();
  }

  function noteEnd() {
    following = grid.atEnd;
    if (following) seen = shown.total;
    say();
  }

  /** Shows what matches `text` in the chosen order; `quiet`: the same again, for what has come since. */
  async function arrange(text, quiet = false) {
    const mine = ++number;
    stop?.();
    stop = null;
    if (!quiet) bar.busy(true);
    const began = performance.now();
    try {
      const answer = await ask("arrange", { query: text, sort: order }, (errand) => {
        if (mine !== number) return errand.cancel();
        stop = errand.cancel;
        return quiet || bar.progress(errand);
      });
      if (mine !== number) return;
      arrived(text, answer, quiet);
    } catch (fault) {
      if (mine === number && !quiet) bar.failed(fault);
    } finally {
      if (mine === number) {
        stop = null;
        bar.busy(false);
        spent = performance.now() - began;
      }
      say();
    }
  }

  function arrived(text, answer, quiet) {
    const changed = text !== query;
    query = text;
    shown = answer;
    stored = Math.max(stored, answer.stored);
    if (quiet) return arrive();
    bar.succeeded();
    restart();
    if (changed) onQuery(text);
    return undefined;
  }

  function restart() {
    pages.clear();
    grid.selected = -1;
    grid.refresh();
    grid.show(0);
    following = grid.atEnd;
    seen = shown.total;
    say();
  }

  function arrive() {
    const follow_ = following && !order && !opened;
    if (follow_) seen = shown.total;
    if (follow_) followEnd();
    else grid.render();
    say();
  }

  function followEnd() {
    follower ||= setTimeout(() => {
      follower = 0;
      if (following) grid.toEnd();
    }, FOLLOW_MS);
  }

  function fed({ items }) {
    if (!items) return undefined;
    if (items.run !== undefined && items.run !== run) return follows && items.run ? begin("renew") : undefined;
    if (items.total === stored) return undefined;
    stored = items.total;
    if (order) return say();
    if (!shown.growing) return refilter();
    shown.total = stored;
    return arrive();
  }

  let refiltering = 0;
  let spent = 0; // ms that the last search took
  function refilter() {
    say();
    refiltering ||= setTimeout(async () => {
      if (!stop) await arrange(query, true);
      refiltering = 0;
      if (!order && !shown.growing && stored > shown.stored) refilter();
    }, Math.max(REFILTER_MS, spent * REFILTER_SHARE));
  }

  function selected() {
    noteEnd();
    model.send({ ask: "select", id: 0, row: pages.row(grid.selected) ?? null });
    clearTimeout(settling);
    if (opened) settling = setTimeout(() => open(grid.selected), SETTLE_MS);
  }

  async function open(index, whole = false) {
    const row = pages.row(index);
    if (!row || (opened?.id === row.id && !whole && detail.childElementCount > 1)) return;
    clearTimeout(settling);
    opened = row;
    detail.style.display = "";
    divider.style.display = "";
    split.classList.add("ks-open");
    if (!whole && !detail.childElementCount) fill(detail, el("div", "ks-empty", "…"));
    try {
      const answer = await ask("detail", { row, whole });
      if (opened?.id === row.id) drawDetail(detail, answer, row, actions(index, row, answer), memory);
    } catch (fault) {
      fill(detail, el("div", { className: "ks-problem", role: "alert" }, el("pre", {}, fault.message)));
    }
    grid.refresh();
  }

  function actions(index, row, answer) {
    const savePcap = answer.pcap && (async () => download(fromBase64(await ask("pcap", { row })), row.stream));
    return { addTerm: (term) => bar.add(term), close: () => { closeDetail(); grid.area.focus(); }, whole: () => open(index, true), savePcap };
  }

  function closeDetail() {
    opened = null;
    detail.replaceChildren();
    detail.style.display = "none";
    divider.style.display = "none";
    split.classList.remove("ks-open");
    markStream();
  }

  function dragDivider(event) {
    event.preventDefault();
    const move = (at) => {
      const box = split.getBoundingClientRect();
      const beside = getComputedStyle(split).flexDirection === "row";
      const share = beside ? (box.right - at.clientX) / box.width : (box.bottom - at.clientY) / box.height;
      detail.style.flexBasis = `${Math.round(Math.max(0.15, Math.min(0.8, share)) * 100)}%`;
    };
    divider.setPointerCapture(event.pointerId);
    divider.addEventListener("pointermove", move);
    divider.addEventListener("pointerup", () => divider.removeEventListener("pointermove", move), { once: true });
  }

  async function begin(kind) {
    const answer = await ask(kind).catch(() => null);
    if (!answer) return;
    ({ run, follows, query, stored } = answer);
    shown = answer;
    bar.set(query);
    bar.recall(answer.recalled);
    closeDetail();
    restart();
    if (answer.problem) bar.failed(answer.problem);
    else if (answer.partial) arrange(query);
    if (kind === "renew") onQuery(query);
  }

  begin("start");
  const unfollow = follow(model, fed);
  return {
    close: () => { unfollow(); close(); grid.close(); [refiltering, follower, settling].forEach(clearTimeout); },
    addTerm: (term) => bar.add(term),
  };
}

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root", "ks-table-root");
    return mountItemTable(model, root).close;
  },
};
