// The console: appended to as lines arrive, bounded in the page, searched in the kernel.
import { consoleLine } from "./console_line.js";
import { afterClear, lineMatches, repeats } from "./console_lines.js";
import { button, el, fill } from "./dom.js";
import { connect, follow } from "./rpc.js";
import { grouped, plural } from "./text.js";

const FIRST = 1000; // lines fetched when the console opens
const EARLIER = 1000; // by "earlier lines"
const HELD = 5000; // elements kept in the page

/** Draws a console of `model` into `root`; `onItem(id)` may open an item. Returns { close }. */
export function mountConsole(model, root, onItem) {
  const { ask, close } = connect(model);
  const wanted = { text: "", level: "", script: "", node: "" };
  let next = 0; // absolute number of the line expected next
  let oldest = 0; // absolute number of the first line shown
  let paused = false;
  let missed = 0;
  let last = null;
  let timer = 0;

  const list = el("div", { className: "ks-console-list", role: "log", "aria-label": "Console", tabIndex: 0, "data-lm-suppress-shortcuts": "true", on: { scroll: () => stick() } });
  const earlier = button("earlier lines", "Show the lines before these", loadEarlier, "ks-earlier");
  const search = el("input", { className: "ks-search", type: "search", placeholder: "search", "aria-label": "Search the console", on: { input: later } });
  const level = choice("all levels", ["log", "error", "warning", "info"], "level");
  const script = choice("all scripts", [], "script");
  const node = choice("all nodes", [], "node");
  const pause = button("⏸ pause", "Stop following new lines", () => setPaused(!paused));
  const clear = button("clear", "Hide the lines shown so far", () => { fill(list); last = null; say(); });
  const count = el("span", { className: "ks-count", role: "status" });
  root.append(el("div", "ks-bar", el("div", "ks-bar-line ks-console-bar", search, level, script, node, el("span", "ks-gap"), count, pause, clear)), list);

  function choice(all, values, name) {
    return el("select", { className: "ks-select", "aria-label": name, on: { change: (event) => { wanted[name] = event.target.value; reload(); } } }, el("option", { value: "" }, all), values.map((value) => el("option", { value }, value)));
  }

  function offer(select, values) {
    const known = new Set([...select.options].map((option) => option.value));
    values.filter((value) => !known.has(value)).forEach((value) => select.append(el("option", { value }, value)));
    select.style.display = select.options.length > 2 ? "" : "none";
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => { wanted.text = search.value; reload(); }, 150);
  }

  function setPaused(value) {
    paused = value;
    fill(pause, paused ? "▶ resume" : "⏸ pause");
    if (!paused) reload();
  }

  let atEnd = true;
  function stick() {
    atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  }

  function toEnd() {
    if (atEnd) list.scrollTop = list.scrollHeight;
  }

  function add(lines) {
    const made = document.createDocumentFragment();
    for (const line of lines) {
      if (last && repeats(last.line, line)) recount();
      else {
        last = { line: { ...line, repeated: 1 }, node: consoleLine(line, onItem) };
        made.append(last.node);
      }
    }
    list.append(made);
    while (list.childElementCount > HELD) list.firstElementChild.remove();
  }

  function recount() {
    last.line.repeated += 1;
    const fresh = consoleLine(last.line, onItem);
    last.node.replaceWith(fresh);
    last.node = fresh;
  }

  function show(answer) {
    fill(list);
    last = null;
    oldest = answer.first;
    next = answer.total;
    missed = 0;
    offer(script, answer.scripts);
    offer(node, answer.nodes);
    if (answer.more) list.append(earlier);
    add(answer.lines);
    if (!answer.lines.length) list.append(el("div", "ks-empty", Object.values(wanted).some(Boolean) ? "No line matches." : "Nothing was printed yet. console.log(…) in a script writes here."));
    say(answer.dropped);
    atEnd = true;
    toEnd();
  }

  function say(dropped = 0) {
    const parts = [plural(next, "line")];
    if (dropped) parts.push(`${grouped(dropped)} oldest dropped`);
    if (missed) parts.push(`${grouped(missed)} not followed`);
    if (paused) parts.push("paused");
    fill(count, parts.join(" · "));
  }

  async function reload() {
    const answer = await ask("lines", { before: 0, count: FIRST, filter: wanted }).catch(() => null);
    if (answer) show(answer);
  }

  async function loadEarlier() {
    const answer = await ask("lines", { before: oldest, count: EARLIER, filter: wanted, all: false }).catch(() => null);
    if (!answer) return;
    const height = list.scrollHeight;
    earlier.remove();
    list.prepend(...answer.lines.map((line) => consoleLine(line, onItem)));
    if (answer.more) list.prepend(earlier);
    oldest = answer.first;
    list.scrollTop += list.scrollHeight - height;
  }

  function fed({ console: news }) {
    if (!news) return;
    if (news.total < next) return reload();
    const fresh = news.lines.slice(Math.max(0, next - news.first));
    missed += Math.max(0, news.first - next);
    next = news.total;
    if (!paused) receive(fresh);
    say(news.dropped);
  }

  function receive(fresh) {
    if (fresh.some((line) => line.level === "clear")) {
      fill(list);
      last = null;
    }
    const shown = afterClear(fresh).filter((line) => lineMatches(line, wanted));
    if (shown.length) list.querySelector(".ks-empty")?.remove();
    offer(script, [...new Set(fresh.map((line) => line.script).filter(Boolean))]);
    add(shown);
    toEnd();
  }

  reload();
  const unfollow = follow(model, fed);
  return { close: () => { unfollow(); close(); clearTimeout(timer); } };
}

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root", "ks-console-root");
    return mountConsole(model, root).close;
  },
};
