// One console line as an element.
import { ansiPieces } from "./ansi.js";
import { el } from "./dom.js";
import { clock, grouped, longTime, oneLine } from "./text.js";

const LEVELS = new Set(["log", "error", "warning", "info"]);

/** Where a line was written: "alerts.js:12". */
export function place(line) {
  return line.script ? `${line.script}${line.line ? `:${line.line}` : ""}` : "";
}

/** The class of a line's level; a foreign one counts as "log". */
export function levelClass(line) {
  return `ks-level-${LEVELS.has(line.level) ? line.level : "log"}`;
}

/** The text of a line with its colours. */
export function lineText(text) {
  return ansiPieces(text).map(({ text: piece, classes }) => (classes.length ? el("span", classes.join(" "), piece) : piece));
}

function link(label, hint, act) {
  return act ? el("button", { className: "ks-link", type: "button", tabIndex: -1, title: hint, on: { click: (event) => { event.stopPropagation(); act(); } } }, label) : el("span", { title: hint }, label);
}

/**
 * `line` ({ level, text, time, script, line, node, hook, item }) written `repeated` times in a row, as one row.
 * `on.place(line)`, `on.hook(line)` and `on.item(line)` are what its links do; without one it is plain text.
 */
export function consoleLine(line, repeated = 1, on = {}) {
  const where = oneLine(place(line));
  const hook = oneLine(line.hook);
  const when = `${longTime(line.time)} UTC${line.node ? `, node ${oneLine(line.node)}` : ""}`;
  const act = (name) => on[name] && (() => on[name](line));
  return el("div", `ks-line ${levelClass(line)}`,
    el("span", { className: "ks-line-time", title: when }, clock(line.time)),
    el("span", "ks-line-text", lineText(line.text), line.cut && el("span", "ks-muted", ` … ${grouped(line.cut)} characters`)),
    repeated > 1 && el("span", { className: "ks-repeated", title: "written this many times in a row" }, `×${grouped(repeated)}`),
    el("span", "ks-line-from",
      line.item && on.item && link("item", `Show item ${oneLine(line.item)}`, act("item")),
      hook && link(hook, `Show only ${hook}`, act("hook")),
      where && link(where, hook ? `${where} in ${hook}` : where, act("place"))));
}
