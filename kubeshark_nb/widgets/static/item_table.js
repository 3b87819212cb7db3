// The item table: filter bar, rows fetched as they are looked at, detail pane.
import { button, el, fill } from "./dom.js";
import { drawDetail } from "./detail.js";
import { fromBase64 } from "./bytes.js";
import { download } from "./clipboard.js";
import { filterBar } from "./filter_bar.js";
import { Grid } from "./grid.js";
import { itemColumns } from "./item_columns.js";
import { Pages } from "./pages.js";
import { verdict } from "./protocol.js";
import { connect, follow } from "./rpc.js";
import { grouped, plural } from "./text.js";

const FOLLOW_MS = 800; // how often a table that follows the newest rows asks for them

/** Draws an item table of `model` into `root`; `onQuery(kfl)` hears of every applied filter. Returns { close, addTerm(kfl) }. */
export function mountItemTable(model, root, onQuery = () => {}) {
  const { ask, close } = connect(model);
  const memory = { tab: "Request" };
  let total = 0; // rows of what is shown
  let stored = 0; // items there are
  let seen = 0; // rows that were there when the end was last in view
  let query = "";
  let queryNumber = 0;
  let order = "";
  let opened = null;
  let following = true; // the newest rows are in view, and stay so as items arrive
  let follower = 0;

  const pages = new Pages(async (start, count) => {
    const { columns, rows } = await ask("rows", { start, count, sort: order });
    return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
  }, () => {
    markStream();
    grid.render();
  });

  const grid = new Grid(itemColumns(), {
    total: () => total,
    row: (index) => pages.row(index),
    need: (from, to) => pages.need(from, to, total),
  }, {
    rowClass,
    select: () => {
      noteEnd();
      model.send({ ask: "select", id: 0, row: pages.row(grid.selected) ?? null });
    },
    open,
    sort: (key, descending) => {
      order = key ? (descending ? "-" : "") + key : "";
      restart();
    },
    scroll: noteEnd,
    key: (key) => (key === "/" ? (bar.focus(), true) : key === "Escape" ? (closeDetail(), true) : false),
  }, "Items");

  const bar = filterBar((text) => ask("check", { query: text }), applyQuery);
  const count = el("span", { className: "ks-count", role: "status" });
  const fresh = button("", "Go to the newest items", () => { grid.toEnd(); noteEnd(); }, "ks-fresh");
  const detail = el("div", { className: "ks-detail", role: "region", "aria-label": "Item" });
  const divider = el("div", { className: "ks-divider", on: { pointerdown: dragDivider } });
  const empty = el("div", "ks-nothing");
  const split = el("div", "ks-split", el("div", "ks-list", grid.area, empty, fresh), divider, detail);
  const foot = el("div", "ks-foot", count, el("span", "ks-gap"), columnMenu());
  root.append(bar.node, split, foot);
  closeDetail();

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
    return el("details", "ks-menu", el("summary", {}, "Columns"), el("div", "ks-menu-list", boxes));
  }

  function say() {
    const all = query ? `${grouped(total)} of ${plural(stored, "item")} match` : plural(total, "item");
    fill(count, all);
    const news = total - seen;
    fresh.style.display = news > 0 && !order ? "" : "none";
    fill(fresh, `↓ ${plural(news, "new item")}`);
    fill(empty, total ? "" : query ? "No item matches this filter." : "No items yet. Bind a capture with %kubeshark_capture and run a script, or wait for traffic.");
    empty.style.display = total ? "none" : "";
  }

  function noteEnd() {
    following = grid.atEnd;
    if (following) seen = total;
    say();
  }

  function restart() {
    pages.clear();
    grid.selected = -1;
    grid.refresh();
    grid.show(0);
  }

  async function applyQuery(text) {
    const number = ++queryNumber;
    bar.busy(true);
    fill(count, "searching…");
    try {
      const answer = await ask("query", { query: text });
      if (number !== queryNumber) return;
      query = text;
      bar.succeeded();
      arrive(answer, true);
      restart();
      onQuery(text);
    } catch (fault) {
      if (number === queryNumber) bar.failed(fault);
    } finally {
      if (number === queryNumber) bar.busy(false);
      say();
    }
  }

  function arrive(news, whole = false) {
    stored = news.stored ?? stored;
    total = news.total ?? total;
    if (whole) {
      grid.render();
      following = grid.atEnd;
    }
    const follows = following && !order && !opened;
    if (whole || follows) seen = total;
    if (follows && !whole) followEnd();
    else grid.render();
    say();
  }

  function followEnd() {
    follower ||= setTimeout(() => {
      follower = 0;
      if (following) grid.toEnd();
    }, FOLLOW_MS);
  }

  function fed(message) {
    if (!message.items) return;
    if (message.items.generation !== undefined && message.items.generation !== generation) return begin();
    if (!query) return arrive({ total: message.items.total, stored: message.items.total });
    stored = message.items.total;
    return refilter();
  }

  let refiltering = 0;
  function refilter() {
    say();
    if (refiltering) return;
    refiltering = setTimeout(async () => {
      refiltering = 0;
      const answer = await ask("again").catch(() => null);
      if (answer) arrive(answer);
    }, 1000);
  }

  async function open(index, whole = false) {
    const row = pages.row(index);
    if (!row) return;
    opened = row;
    detail.style.display = "";
    divider.style.display = "";
    split.classList.add("ks-open");
    if (!whole) fill(detail, el("div", "ks-empty", "…"));
    try {
      const answer = await ask("detail", { row, index, sort: order, whole });
      if (opened?.id === row.id) drawDetail(detail, answer, row, actions(index, row, answer), memory);
    } catch (fault) {
      fill(detail, el("div", "ks-problem", fault.message));
    }
    grid.refresh();
  }

  function actions(index, row, answer) {
    const savePcap = answer.pcap && (async () => download(fromBase64(await ask("pcap", { row })), row.stream));
    return { addTerm: (term) => bar.add(term), close: closeDetail, whole: () => open(index, true), savePcap };
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

  let generation;
  async function begin() {
    const answer = await ask("start").catch(() => null);
    if (!answer) return;
    ({ generation, query } = answer);
    bar.set(query);
    pages.clear();
    arrive(answer, true);
    grid.refresh();
    if (answer.problem) bar.failed(answer.problem);
  }

  begin();
  const unfollow = follow(model, fed);
  return {
    close: () => { unfollow(); close(); grid.close(); clearTimeout(refiltering); clearTimeout(follower); },
    addTerm: (term) => bar.add(term),
  };
}

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root", "ks-table-root");
    return mountItemTable(model, root).close;
  },
};
