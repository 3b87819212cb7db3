// The detail pane: one item, everything known about it, every value one click away from the filter.
import { consoleLine } from "./console_line.js";
import { asCurl, asKfl, asPython, isHttp } from "./copy_as.js";
import { copyButton, download } from "./clipboard.js";
import { readBody } from "./body.js";
import { button, el, fill } from "./dom.js";
import { protocolBadge, statusBadge } from "./item_columns.js";
import { jsonTree } from "./json_tree.js";
import { equals, selector } from "./kfl_text.js";
import { verdict } from "./protocol.js";
import { about, sections } from "./sections.js";
import { tabRow } from "./tabs.js";
import { clock, duration, longTime, oneLine, plural, size } from "./text.js";

const LONG_TEXT = 20000; // characters of a body shown before "show all"
const SIDES = [["request", "Request"], ["response", "Response"], ["data", "Data"], ["event", "Event"]];

function adder(query, on) {
  if (!on.addTerm) return null; // there is no filter beside this detail
  return el("button", { className: "ks-plus", type: "button", title: `add to the filter: ${query}`, "aria-label": `add to the filter: ${query}`, on: { click: (event) => {
    event.stopPropagation();
    on.addTerm(query);
    event.target.classList.add("ks-added");
  } } }, "+");
}

function plus(steps, value, on) {
  return steps && (typeof value !== "object" || value === null) ? adder(equals(steps, value ?? ""), on) : null;
}

function tableRow({ name, value, steps }, on) {
  const shown = typeof value === "object" ? jsonTree(value, (inner, leaf) => plus([...steps, ...inner], leaf, on)) : el("span", "ks-value", String(value));
  return el("tr", {}, el("th", { scope: "row" }, oneLine(name)), el("td", {}, plus(steps, value, on), shown));
}

function table(rows, on) {
  return el("table", "ks-table", el("tbody", {}, rows.map((row) => tableRow(row, on))));
}

function section(title, content, open = true) {
  const node = el("details", "ks-section", el("summary", {}, title), content);
  node.open = open;
  return node;
}

function longText(text, className = "ks-text") {
  const node = el("pre", className, text.slice(0, LONG_TEXT));
  if (text.length <= LONG_TEXT) return node;
  const more = button(`show all ${plural(text.length, "character")}`, "Show the whole text", () => {
    fill(node, text);
    more.remove();
  });
  return el("div", {}, node, more);
}

function pairs(list) {
  return el("table", "ks-table", el("tbody", {}, list.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, oneLine(name)), el("td", {}, el("span", "ks-value", String(value)))))));
}

const VIEWS = {
  json: (body) => jsonTree(body.value),
  protobuf: (body) => jsonTree(body.value),
  graphql: (body) => el("div", {}, longText(body.text), body.value && jsonTree(body.value)),
  form: (body) => pairs(body.value),
  text: (body) => longText(body.text),
  hex: (body) => longText(body.hex(), "ks-text ks-hex"),
  image: (body, name) => button(`download ${body.mime} (${size(body.bytes)})`, "Images are never drawn in the page", () => download(body.content ?? body.raw, `${name}.${body.mime.split("/")[1]}`)),
};

function bodyViews(body) {
  const views = [[body.kind, () => VIEWS[body.kind](body, "body")]];
  if (body.raw !== null && body.kind !== "text") views.push(["raw", () => longText(body.raw)]);
  if (body.kind !== "hex") views.push(["hex", () => VIEWS.hex(body)]);
  return views;
}

function bodySection(source, cut, on) {
  if (source.form) return section(`Body · form`, pairs(source.form));
  const body = readBody(source.text, source.encoding, source.mimeType);
  const content = el("div", "ks-body");
  const choices = bodyViews(body).map(([name, draw]) => button(name, `Show as ${name}`, (event) => {
    tools.querySelectorAll(".ks-on").forEach((other) => other.classList.remove("ks-on"));
    event.currentTarget.classList.add("ks-on");
    fill(content, draw());
  }));
  const query = body.raw !== null && body.raw.length < 200 && !source.encoding ? equals(source.steps, body.raw) : `${selector(source.steps)} == r".*"`;
  const tools = el("div", "ks-tools", choices, adder(query, on), copyButton("copy", "Copy the body", () => body.raw ?? body.hex()), button("save", "Save the body as a file", () => download(body.content ?? body.raw, "body.bin")));
  const warning = cut && el("div", "ks-cut", `only the first ${size(body.bytes)} of this body are here. `, button("show all", "Fetch the whole item", on.whole));
  choices[0].click();
  return section(`Body · ${oneLine(source.mimeType || "no type")} · ${size(body.bytes)}`, el("div", {}, warning, tools, content));
}

function side(item, name, cuts, on) {
  const parts = sections(item, name);
  if (!parts) return el("div", "ks-empty", "Nothing was captured on this side.");
  const tables = parts.tables.map(({ title, rows }) => section(`${title}${rows.length > 1 ? ` · ${rows.length}` : ""}`, table(rows, on)));
  const body = parts.body && bodySection(parts.body, cuts.some((path) => path.startsWith(name)), on);
  return el("div", {}, tables, body);
}

function effectRow(effect) {
  return el("div", "ks-effect", el("span", `ks-effect-status ks-effect-${oneLine(effect.status)}`, oneLine(effect.status)), el("b", {}, oneLine(effect.helper)), " ", oneLine(effect.target), el("pre", "ks-text", effect.request));
}

function scriptPane(detail) {
  const said = verdict(detail.document);
  const lines = detail.console ?? [];
  const effects = detail.effects ?? [];
  return el("div", {},
    section("Verdict", el("div", `ks-verdict ks-${said || "none"}`, said ? `${said === "passed" ? "✓" : "✗"} ${said}` : "no script judged this item")),
    section(`Console · ${plural(lines.length, "line")}`, lines.length ? el("div", "ks-console-lines", lines.map((line) => consoleLine(line))) : el("div", "ks-empty", "This item made no script print anything.")),
    section(`Effects · ${plural(effects.length, "call")}`, effects.length ? el("div", {}, effects.map(effectRow)) : el("div", "ks-empty", "No call to a service was made for this item.")));
}

function panes(detail, on) {
  const { document: item } = detail;
  const cuts = detail.cuts ?? [];
  const sides = SIDES.filter(([name]) => item[name] && (name === "request" || name === "response" || Object.keys(item[name]).length)).map(([name, title]) => [title, () => side(item, name, cuts, on)]);
  const count = (detail.console?.length ?? 0) + (detail.effects?.length ?? 0);
  return [...sides, ["About", () => table(about(item), on)], [count ? `Script · ${count}` : "Script", () => scriptPane(detail)], ["JSON", () => jsonTree(item, (steps, value) => plus(steps, value, on))]];
}

function tabs(list, wanted, chosen) {
  const content = el("div", { className: "ks-pane", tabIndex: 0 });
  const start = Math.max(0, list.findIndex(([title]) => title.split(" ")[0] === wanted));
  return [tabRow(list.map(([title, draw]) => [title, () => fill(content, draw())]), content, { start, chosen, label: "Parts of the item" }), content];
}

function head(item, row, on) {
  const long = el("span", "ks-long-name", oneLine(item.protocol?.longName ?? ""));
  const close = button("✕", "Close the detail pane (Escape)", on.close, "ks-close");
  return el("div", "ks-detail-head",
    el("div", "ks-detail-title", protocolBadge(row.protocol), long, el("span", "ks-gap"), close),
    el("div", "ks-detail-summary", statusBadge(row), el("b", {}, oneLine(row.method)), el("span", { className: "ks-path", title: oneLine(row.path) }, oneLine(row.path))),
    el("div", "ks-detail-facts",
      el("span", {}, `${oneLine(row.src_name || row.src_ip)} → ${oneLine(row.dst_name || row.dst_ip)}`),
      el("span", { title: `${longTime(row.time_ns)} UTC` }, clock(row.time_ns)),
      el("span", {}, duration(row.elapsed_us)),
      el("span", {}, `${size(row.request_size)} ↑ ${size(row.response_size)} ↓`)));
}

function copyBar(item, on) {
  const http = isHttp(item) ? [copyButton("curl", "Copy as a curl command", () => asCurl(item)), copyButton("Python", "Copy as a Python program", () => asPython(item))] : [];
  const pcap = on.savePcap && button("pcap", `Save the packets of stream ${oneLine(item.stream)}`, on.savePcap);
  return el("div", "ks-tools", el("span", "ks-muted", "copy"), http, copyButton("KFL", "Copy a query that finds items like this", () => asKfl(item)), copyButton("JSON", "Copy the item's JSON", () => JSON.stringify(item, null, 2)), pcap && [el("span", "ks-muted", "save"), pcap]);
}

/**
 * Draws `detail` ({ document, console, effects, cuts }) of `row` into `node`.
 * `on`: addTerm(query), close(), whole() to fetch uncut bodies, savePcap() or null; `memory.tab` keeps the chosen tab.
 */
export function drawDetail(node, detail, row, on, memory) {
  const chosen = (title) => { memory.tab = title.split(" ")[0]; };
  fill(node, head(detail.document, row, on), copyBar(detail.document, on), tabs(panes(detail, on), memory.tab, chosen));
}
