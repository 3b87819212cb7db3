// The service map: who talks to whom, how much, how well.
import { el, fill } from "./dom.js";
import { literal } from "./kfl_text.js";
import { curvePoints, labelSpots, places } from "./map_layout.js";
import { badge } from "./protocol.js";
import { svg } from "./svg.js";
import { duration, grouped, oneLine } from "./text.js";

const BOX = { width: 150, height: 40, gap: 34, step: 236 };
const LABEL = { width: 106, height: 24 };
const OTHERS_NAME = "(others)";
const LONGEST = 19; // characters of a name on the map; the whole is in the tooltip

function short(name) {
  const text = oneLine(name);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function end(side, name) {
  return /^[\d.]+$|:.*:/.test(name) ? `${side}.ip == ${literal(name)}` : `${side}.name == ${literal(name)}`;
}

function edgeQuery(edge) {
  const ends = [["src", edge.source], ["dst", edge.target]].filter(([, name]) => name !== OTHERS_NAME).map(([side, name]) => end(side, name));
  return [...ends, `protocol.abbr == ${literal(edge.protocol)}`].join(" and ");
}

function rate(edge) {
  return edge.rate >= 10 ? `${Math.round(edge.rate)}/s` : `${edge.rate.toFixed(1)}/s`;
}

function describe(edge) {
  const share = edge.errors ? `, ${grouped(edge.errors)} errors (${((100 * edge.errors) / edge.items).toFixed(1)} %)` : ", no errors";
  return `${oneLine(edge.source)} → ${oneLine(edge.target)}: ${grouped(edge.items)} ${oneLine(edge.protocol)} items, ${rate(edge)}${share}, p95 ${duration(edge.p95_us)}`;
}

function curve(edge, spots, bend) {
  const [from, to] = [spots.get(edge.source), spots.get(edge.target)];
  if (from === to) return `M ${from.x + BOX.width - 30} ${from.y} c 0 -26, -60 -26, -60 0`;
  const [a, b, c, d] = curvePoints(from, to, bend, BOX).map(({ x, y }) => `${x} ${y}`);
  return `M ${a} C ${b}, ${c}, ${d}`;
}

function edgeLines(edge, spots, bend, onFilter) {
  const path = curve(edge, spots, bend);
  const width = 1.5 + Math.min(6, Math.log10(edge.items) * 1.5);
  const pick = { click: () => onFilter(edgeQuery(edge)), keydown: (event) => event.key === "Enter" && onFilter(edgeQuery(edge)) };
  return svg("g", { class: "ks-edge", tabindex: 0, role: "button", "aria-label": describe(edge), on: pick },
    svg("title", {}, describe(edge)),
    svg("path", { d: path, class: "ks-edge-touch" }),
    svg("path", { d: path, stroke: badge(edge.protocol).background, "stroke-width": width, class: "ks-edge-line" }),
    edge.errors > 0 && svg("path", { d: path, class: "ks-edge-bad", "stroke-width": Math.max(1.5, width * 0.6) }));
}

// The busiest edges get their labels first; those for which there is no room tell theirs under the pointer.
function edgeLabels(edges, spots, bend) {
  const drawn = edges.map((edge, at) => ({ edge, bend: bend[at] })).filter(({ edge }) => edge.source !== edge.target).sort((a, b) => b.edge.items - a.edge.items);
  const boxes = [...spots.values()].map(({ x, y }) => ({ x: x + BOX.width / 2, y: y + BOX.height / 2, width: BOX.width + 8, height: BOX.height + 4 }));
  const curves = drawn.map(({ edge, bend: own }) => curvePoints(spots.get(edge.source), spots.get(edge.target), own, BOX));
  return labelSpots(curves, LABEL, boxes).map((spot, at) => spot && edgeLabel(drawn[at].edge, spot));
}

function edgeLabel(edge, { x, y }) {
  const bad = edge.errors > 0 && svg("text", { x, y: y + 13, class: "ks-edge-label ks-edge-label-bad" }, `✗ ${((100 * edge.errors) / edge.items).toFixed(1)} %`);
  return svg("g", {}, svg("text", { x, y: bad ? y - 1 : y + 4, class: "ks-edge-label" }, `${oneLine(edge.protocol)} ${rate(edge)} · ${duration(edge.p95_us)}`), bad);
}

function nodeBox(name, { x, y }, edges, onFilter) {
  const count = edges.filter((edge) => edge.source === name || edge.target === name).reduce((sum, edge) => sum + edge.items, 0);
  const query = `(${end("src", name)} or ${end("dst", name)})`;
  const act = () => name !== OTHERS_NAME && onFilter(query);
  return svg("g", { class: "ks-node", tabindex: 0, role: "button", "aria-label": `${oneLine(name)}, ${grouped(count)} items`, on: { click: act, keydown: (event) => event.key === "Enter" && act() } },
    svg("title", {}, `${oneLine(name)}: ${grouped(count)} items`),
    svg("rect", { x, y, width: BOX.width, height: BOX.height, rx: 6 }),
    svg("text", { x: x + BOX.width / 2, y: y + 17, class: "ks-node-name" }, short(name)),
    svg("text", { x: x + BOX.width / 2, y: y + 32, class: "ks-node-count" }, `${grouped(count)} items`));
}

function bends(edges) {
  const seen = new Map();
  return edges.map((edge) => {
    const pair = [edge.source, edge.target].sort().join("\n");
    const at = seen.get(pair) ?? 0;
    seen.set(pair, at + 1);
    return at * 12 * (at % 2 ? 1 : -1);
  });
}

/** Draws `map` ({ edges, folded }) into `node`; a click calls `onFilter(kfl)`. */
export function drawServiceMap(node, map, onFilter) {
  const edges = map.edges;
  if (!edges.length) return fill(node, el("div", "ks-empty", "No traffic matches."));
  const { spots, width, height } = places(edges, node.clientWidth - 4, BOX);
  const bend = bends(edges);
  const picture = svg("svg", { class: "ks-map", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": "Service map" },
    edges.map((edge, at) => edgeLines(edge, spots, bend[at], onFilter)),
    [...spots].map(([name, spot]) => nodeBox(name, spot, edges, onFilter)),
    edgeLabels(edges, spots, bend));
  return fill(node, picture, map.folded > 0 && el("div", "ks-muted ks-map-note", `${grouped(map.folded)} quieter names are folded into ${OTHERS_NAME}`));
}
