// A JSON value as a tree that folds. Branches are drawn when opened, so a large document costs what is looked at.
import { el } from "./dom.js";

const SHOWN = 100; // children of one branch before "show more"
const LONG = 400; // characters of a string before it is cut

function scalar(value) {
  const kind = value === null ? "null" : typeof value;
  const text = kind === "string" ? JSON.stringify(value) : String(value);
  if (text.length <= LONG) return el("span", `ks-json-${kind}`, text);
  const node = el("span", `ks-json-${kind}`, text.slice(0, LONG));
  const more = el("button", { className: "ks-more", type: "button", on: { click: () => node.replaceChildren(text) } }, `… show all ${text.length} characters`);
  return el("span", {}, node, more);
}

function preview(value) {
  const names = Array.isArray(value) ? `${value.length} items` : Object.keys(value).slice(0, 4).join(", ");
  return Array.isArray(value) ? `[${names}]` : `{${names}${Object.keys(value).length > 4 ? ", …" : ""}}`;
}

function children(parent, list, steps, extra) {
  list.slice(0, SHOWN).forEach(([name, inner]) => parent.appendChild(branch(name, inner, [...steps, name], extra)));
  if (list.length <= SHOWN) return;
  const more = el("button", { className: "ks-more", type: "button", on: { click: () => {
    more.remove();
    children(parent, list.slice(SHOWN), steps, extra);
  } } }, `show ${Math.min(SHOWN, list.length - SHOWN)} more of ${list.length - SHOWN}`);
  parent.appendChild(more);
}

function branch(name, value, steps, extra) {
  const label = name === null ? null : [el("span", "ks-json-key", String(name)), el("span", "ks-json-punct", ": ")];
  if (value === null || typeof value !== "object") return el("div", "ks-json-leaf", label, scalar(value), extra?.(steps, value));
  const list = Array.isArray(value) ? value.map((inner, at) => [at, inner]) : Object.entries(value);
  if (list.length === 0) return el("div", "ks-json-leaf", label, el("span", "ks-json-punct", Array.isArray(value) ? "[]" : "{}"));
  const node = el("details", "ks-json-branch", el("summary", {}, label, el("span", "ks-json-preview", preview(value))));
  node.addEventListener("toggle", () => node.childElementCount > 1 || children(node, list, steps, extra));
  if (steps.length === 0 || (steps.length < 2 && list.length <= 20)) node.open = true;
  return node;
}

/** The tree of `value`. `extra(steps, value)` may return an element to put behind a leaf. */
export function jsonTree(value, extra) {
  return el("div", "ks-json", branch(null, value, [], extra));
}
