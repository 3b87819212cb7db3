// The timeline: items and errors per slice of time; drag over it to filter. Beside it, a histogram of latencies.
import { el, fill } from "./dom.js";
import { svg } from "./svg.js";
import { clock, grouped, longTime } from "./text.js";

const HIGH = 54;
const LATENCY_LABELS = ["<1 ms", "<3 ms", "<10 ms", "<30 ms", "<100 ms", "<300 ms", "<1 s", "<3 s", "≥3 s"];

/** KFL for the slices `from` to `to` (inclusive) of `line`. */
export function timeQuery(line, from, to) {
  const at = (number) => `datetime("${longTime(line.start + number * line.step)}")`;
  return `timestamp >= ${at(from)} and timestamp < ${at(to + 1)}`;
}

function bars(line) {
  const most = Math.max(1, ...line.items);
  return line.items.map((count, at) => {
    const tall = (count / most) * HIGH;
    const bad = (line.errors[at] / most) * HIGH;
    const hint = `${clock(line.start + at * line.step)} UTC: ${grouped(count)} items, ${grouped(line.errors[at])} errors`;
    return svg("g", { "data-at": at }, svg("title", {}, hint),
      svg("rect", { x: at, y: 0, width: 1, height: HIGH, class: "ks-slice" }),
      count > 0 && svg("rect", { x: at + 0.08, y: HIGH - tall, width: 0.84, height: tall, class: "ks-bar-items" }),
      bad > 0 && svg("rect", { x: at + 0.08, y: HIGH - Math.max(2, bad), width: 0.84, height: Math.max(2, bad), class: "ks-bar-errors" }));
  });
}

function histogram(latency) {
  const most = Math.max(1, ...latency);
  const rows = latency.map((count, at) => el("div", { className: "ks-latency", title: `${LATENCY_LABELS[at]}: ${grouped(count)} items` }, el("span", { className: "ks-latency-bar", style: { height: `${(count / most) * 100}%` } })));
  return el("div", { className: "ks-latencies", role: "img", "aria-label": `Latency: ${latency.map((count, at) => `${LATENCY_LABELS[at]} ${count}`).join(", ")}` }, rows);
}

function brush(picture, line, onFilter) {
  const shade = svg("rect", { y: 0, height: HIGH, width: 0, class: "ks-brush" });
  picture.append(shade);
  const slice = (event) => {
    const box = picture.getBoundingClientRect();
    return Math.max(0, Math.min(line.items.length - 1, Math.floor(((event.clientX - box.left) / box.width) * line.items.length)));
  };
  let from = -1;
  picture.addEventListener("pointerdown", (event) => {
    from = slice(event);
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (from < 0) return;
    const to = slice(event);
    shade.setAttribute("x", String(Math.min(from, to)));
    shade.setAttribute("width", String(Math.abs(to - from) + 1));
  });
  picture.addEventListener("pointerup", (event) => {
    const to = slice(event);
    if (from >= 0) onFilter(timeQuery(line, Math.min(from, to), Math.max(from, to)));
    from = -1;
  });
}

/** Draws `line` (the kernel's timeline) into `node`; dragging calls `onFilter(kfl)`. */
export function drawTimeline(node, line, onFilter) {
  if (!line.items.length) return fill(node, el("div", "ks-empty", "No items yet."));
  const picture = svg("svg", { class: "ks-timeline", viewBox: `0 0 ${line.items.length} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": "Items and errors over time; drag to filter" }, bars(line));
  brush(picture, line, onFilter);
  const last = line.start + line.items.length * line.step;
  const scale = el("div", "ks-timeline-scale", el("span", {}, clock(line.start)), el("span", {}, "items and errors; drag to filter"), el("span", {}, clock(last)));
  return fill(node, el("div", "ks-timeline-row", el("div", "ks-timeline-box", picture, scale), el("div", "ks-latency-box", histogram(line.latency), el("div", "ks-timeline-scale", el("span", {}, LATENCY_LABELS[0]), el("span", {}, LATENCY_LABELS.at(-1))))));
}
