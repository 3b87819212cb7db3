// The console: only the lines in view are in the page; searching and counting happen in the kernel.
import { consoleLine } from "./console_line.js";
import { consoleStrip } from "./console_strip.js";
import { button, el, fill } from "./dom.js";
import { LineWindow } from "./line_window.js";
import { kernelNote } from "./kernel_note.js";
import { connect, follow } from "./rpc.js";
import { grouped, oneLine, plural } from "./text.js";

const LINES_MS = 300; // how often a console that follows the newest lines asks for them
const TYPING_MS = 150;
const NOTHING = "Nothing was printed yet. console.log(…) in a script writes here.";

/** Draws a console of `model` into `root`; `addTerm(kfl)` adds to a filter where there is one. Returns { close }. */
export function mountConsole(model, root, addTerm = null) {
  const { ask, close } = connect(model, kernelNote(root));
  const wanted = { text: "", level: "", script: "", node: "", hook: "", since: 0 };
  const counts = { total: 0, dropped: 0, shown: 0, atEnd: 0 };
  let paused = false;
  let following = 0;
  let typing = 0;
  let selected = -1;
  let order = null; // of the lines, as the feed last told it
  let choicesAt = -1; // how many lines there were when the filters last learnt what to offer

  const search = el("input", { className: "ks-search", type: "search", placeholder: "search  ( / )", "aria-label": "Search the console", "data-lm-suppress-shortcuts": "true", on: { input: later, keydown: (event) => event.stopPropagation() } });
  const selects = { level: choice("all levels", ["log", "error", "warning", "info"], "level"), script: choice("all scripts", [], "script"), hook: choice("all hooks", [], "hook"), node: choice("all nodes", [], "node") };
  const pause = button("⏸ pause", "Stop following new lines", () => setPaused(!paused));
  const clear = button("clear", "Hide the lines shown so far; what the filters hide, too", hideAll);
  const count = el("span", { className: "ks-count", role: "status" });
  const empty = el("div", "ks-nothing");
  const fresh = button("", "Show the newest lines", () => { setPaused(false); list.refresh(true); }, "ks-fresh");
  const list = new LineWindow({ fetch, draw, moved, answered }, { className: "ks-console-list", role: "log", "aria-label": "Console", "aria-live": "off", tabIndex: 0, "data-lm-suppress-shortcuts": "true", on: { keydown: pressed } });
  const strip = consoleStrip(ask, { hook: onlyHook, addTerm, closed: () => { select(-1); list.area.focus({ preventScroll: true }); } });
  root.append(el("div", "ks-bar", el("div", "ks-bar-line ks-console-bar", search, Object.values(selects), el("span", "ks-gap"), count, pause, clear)), el("div", "ks-console-box", list.area, empty, fresh), strip.node);

  function choice(all, values, name) {
    return el("select", { className: "ks-select", "aria-label": name, on: { change: (event) => { wanted[name] = event.target.value; restart(); } } }, el("option", { value: "" }, all), values.map((value) => el("option", { value }, value)));
  }

  function offer(select_, values) {
    const known = new Set([...select_.options].map((option) => option.value));
    values.filter((value) => !known.has(value)).forEach((value) => select_.append(el("option", { value }, oneLine(value))));
    select_.style.display = select_.options.length > 2 || select_.value ? "" : "none";
  }

  async function fetch(row, count_) {
    const choices = choicesAt !== counts.total;
    const answer = await ask("window", { row, count: count_, filter: wanted, choices });
    if (answer.choices) {
      choicesAt = answer.total;
      ["script", "hook", "node"].forEach((name) => offer(selects[name], answer.choices[name]));
    }
    return answer;
  }

  function answered(answer) {
    if (answer.total < wanted.since) return showAll();
    Object.assign(counts, { total: answer.total, dropped: answer.dropped, shown: answer.shown });
    if (list.atEnd || paused === false) counts.atEnd = list.atEnd ? answer.total : counts.atEnd;
    return say();
  }

  function draw(entry) {
    const node = consoleLine(entry.line, entry.repeated, { place: () => open(entry), hook: onlyHook, item: () => open(entry, entry.line.item) });
    node.classList.toggle("ks-selected", entry.number === selected);
    node.addEventListener("click", () => window.getSelection().isCollapsed && open(entry));
    return node;
  }

  function select(number) {
    selected = number;
    list.nodes.forEach((node) => node.classList.toggle("ks-selected", Number(node.dataset.number) === number));
  }

  function open(entry, item = "") {
    select(entry.number);
    if (item) strip.showItem(entry.number, item);
    else strip.show(entry.number);
  }

  function pressed(event) {
    if (event.target !== list.area || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const entry = list.held.entries.find((one) => one.number === selected);
    if (event.key in steps) move(entry, steps[event.key]);
    else if (event.key === "Enter" && entry) open(entry);
    else if (event.key === "/") search.focus();
    else if (event.key === "Escape") strip.close();
    else if (event.key === "End") list.refresh(true);
    else if (event.key === "Home") { list.show(0); list.noteEnd(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function move(entry, step) {
    const { entries, base } = list.held;
    const at = entry ? entries.indexOf(entry) + step : entries.findIndex((one) => one.row - base >= list.first);
    const next = entries[Math.max(0, Math.min(entries.length - 1, at))];
    if (!next) return;
    select(next.number);
    list.reveal(next);
    if (strip.node.style.display !== "none") strip.show(next.number);
  }

  function later() {
    clearTimeout(typing);
    typing = setTimeout(() => { wanted.text = search.value; restart(); }, TYPING_MS);
  }

  function onlyHook(line) {
    offer(selects.hook, [line.hook]);
    selects.hook.style.display = "";
    selects.hook.value = line.hook;
    wanted.hook = line.hook;
    restart();
  }

  function hideAll() {
    wanted.since = counts.total;
    strip.close();
    restart();
  }

  function showAll() {
    wanted.since = 0;
    restart();
  }

  function restart() {
    select(-1);
    list.refresh(true);
  }

  function setPaused(value) {
    paused = value;
    fill(pause, paused ? "▶ resume" : "⏸ pause");
    pause.setAttribute("aria-pressed", String(paused));
    if (!paused) list.refresh(true);
    say();
  }

  function moved() {
    if (list.atEnd) counts.atEnd = counts.total;
    say();
  }

  function say() {
    const filtered = Object.values(wanted).some(Boolean);
    const parts = [filtered ? `${grouped(counts.shown)} of ${plural(counts.total, "line")}` : plural(counts.total, "line")];
    if (counts.dropped) parts.push(`the oldest ${grouped(counts.dropped)} dropped`);
    if (paused) parts.push("paused");
    fill(count, parts.join(" · "));
    const news = counts.total - counts.atEnd;
    fresh.style.display = news > 0 && (paused || !list.atEnd) ? "" : "none";
    fill(fresh, `↓ ${plural(news, "new line")}`);
    fill(empty, filtered && counts.total ? [wanted.since ? "Cleared. " : "No line matches. ", el("button", { className: "ks-link ks-show-all", type: "button", on: { click: reset } }, "show all lines")] : NOTHING);
    empty.style.display = counts.shown ? "none" : "";
  }

  function reset() {
    Object.assign(wanted, { text: "", level: "", script: "", node: "", hook: "", since: 0 });
    search.value = "";
    Object.values(selects).forEach((select_) => { select_.value = ""; });
    restart();
  }

  function fed({ console: news }) {
    if (!news) return;
    const again = news.order && order && String(news.order) !== String(order); // another run, or other places
    order = news.order;
    if (!again && news.total === counts.total && news.dropped === counts.dropped) return;
    if (again || news.total < counts.total) {
      Object.assign(counts, { total: 0, atEnd: 0, shown: 0 });
      list.refresh(true);
      return;
    }
    counts.total = news.total;
    counts.dropped = news.dropped;
    if (paused || !list.atEnd) say();
    else following ||= setTimeout(() => { following = 0; if (!paused) list.refresh(); }, LINES_MS);
  }

  list.refresh(true);
  const unfollow = follow(model, fed);
  return { close: () => { unfollow(); close(); list.close(); clearTimeout(typing); clearTimeout(following); } };
}

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root", "ks-console-root");
    return mountConsole(model, root).close;
  },
};
