// One console line in full: its text, its time on the node's clock, the place in the script, the item it was about.
import { copyButton } from "./clipboard.js";
import { levelClass, lineText, place } from "./console_line.js";
import { drawDetail } from "./detail.js";
import { button, el, fill } from "./dom.js";
import { longTime, oneLine } from "./text.js";

function fact(label, value) {
  return value && el("span", "ks-fact", el("span", "ks-muted", label), " ", value);
}

function excerpt(line, source) {
  if (!source.length) return null;
  const rows = source.map(([number, text]) => el("div", number === line.line ? "ks-source-line ks-source-hit" : "ks-source-line", el("span", { className: "ks-source-number", "aria-hidden": "true" }, String(number)), el("span", {}, oneLine(text.replace(/\t/g, "  ")) || " ")));
  return el("div", { className: "ks-source", role: "group", "aria-label": `${oneLine(line.script)} around line ${line.line}` }, rows);
}

/**
 * A strip below a console. `ask` asks the console's kernel side; `on.hook(line)` filters by hook, `on.addTerm(kfl)` adds
 * to a filter where there is one, `on.closed()` hears of closing. Returns { node, show(number), showItem(number), close() }.
 */
export function consoleStrip(ask, on) {
  const node = el("div", { className: "ks-strip", role: "region", "aria-label": "Console line", on: { keydown: (event) => event.key === "Escape" && close() } });
  const memory = { tab: "Request" };
  let shown = -1;
  node.style.display = "none";

  function close() {
    if (shown < 0) return;
    shown = -1;
    node.style.display = "none";
    node.replaceChildren();
    on.closed();
  }

  async function show(number) {
    shown = number;
    const answer = await ask("line", { number }).catch((fault) => ({ fault }));
    if (shown !== number) return null;
    node.style.display = "";
    if (!answer || answer.fault) return fill(node, head([]), el("div", "ks-empty", answer ? answer.fault.message : "This line was dropped from the console since."));
    return draw(answer);
  }

  function head(facts) {
    return el("div", "ks-strip-head", facts, el("span", "ks-gap"), button("✕", "Close (Escape)", close, "ks-close"));
  }

  function draw({ line, source, item }) {
    const about = el("div", "ks-strip-item");
    const hook = line.hook && el("button", { className: "ks-link", type: "button", title: "Show only this hook", on: { click: () => on.hook(line) } }, oneLine(line.hook));
    const opener = line.item && (item ? el("button", { className: "ks-link", type: "button", on: { click: () => openItem(line.item, about) } }, oneLine(line.item)) : oneLine(line.item));
    const facts = [fact("", el("b", `ks-strip-level ${levelClass(line)}`, oneLine(line.level))), fact("at", `${longTime(line.time)} UTC`), fact("in", oneLine(place(line))), fact("hook", hook), fact("item", opener), fact("node", oneLine(line.node))];
    fill(node, head([...facts, copyButton("copy", "Copy the text", () => line.text)]), el("div", "ks-strip-body", el("pre", "ks-text", lineText(line.text)), excerpt(line, source)), about);
    return about;
  }

  async function openItem(number, about, whole = false) {
    fill(about, el("div", "ks-empty", "…"));
    try {
      const detail = await ask("item", { item: number, whole });
      const box = el("div", "ks-detail");
      fill(about, box);
      drawDetail(box, detail, detail.row, { addTerm: on.addTerm, close: () => fill(about), whole: () => openItem(number, about, true), savePcap: null }, memory);
    } catch (fault) {
      fill(about, el("div", { className: "ks-problem", role: "alert" }, el("pre", {}, fault.message)));
    }
  }

  async function showItem(number, item) {
    const about = await show(number);
    if (about) await openItem(item, about);
  }

  return { node, show, showItem, close };
}
