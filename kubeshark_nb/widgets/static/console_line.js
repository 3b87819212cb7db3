// One console line as an element.
import { ansiPieces } from "./ansi.js";
import { el } from "./dom.js";
import { clock, grouped, longTime, oneLine } from "./text.js";

const LEVELS = new Set(["log", "error", "warning", "info"]);

/** Where a line was written: "alerts.js:12". */
export function place(line) {
  return line.script ? `${line.script}${line.line ? `:${line.line}` : ""}` : "";
}

/** `line` ({ level, text, time, script, line, node, hook, item, repeated }) as one row; `onItem(id)` opens its item. */
export function consoleLine(line, onItem) {
  const where = oneLine(place(line));
  const hook = oneLine(line.hook);
  const pieces = ansiPieces(line.text).map(({ text, classes }) => (classes.length ? el("span", classes.join(" "), text) : text));
  const link = line.item && onItem && el("button", { className: "ks-link", type: "button", title: `Show item ${oneLine(line.item)}`, on: { click: () => onItem(line.item) } }, "item");
  return el("div", `ks-line ks-level-${LEVELS.has(line.level) ? line.level : "log"}`,
    el("span", { className: "ks-line-time", title: `${longTime(line.time)} UTC${line.node ? `, node ${oneLine(line.node)}` : ""}` }, clock(line.time)),
    el("span", { className: "ks-line-text" }, pieces),
    line.repeated > 1 && el("span", { className: "ks-repeated", title: "written this many times in a row" }, `×${grouped(line.repeated)}`),
    el("span", "ks-line-from", link, where && el("span", { title: hook ? `${where} in ${hook}` : where }, hook ? `${hook} · ${where}` : where)));
}


