// The only place that builds elements. Text always arrives through `textContent`, so nothing captured becomes markup.
import { visible } from "./text.js";

const PLAIN = new Set(["className", "type", "value", "placeholder", "title", "tabIndex", "disabled", "checked", "spellcheck", "rows"]);

function assign(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "on") Object.entries(value).forEach(([event, handler]) => node.addEventListener(event, handler));
  else if (name === "style") Object.assign(node.style, value);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "title") node.title = visible(value);
  else if (PLAIN.has(name)) node[name] = value;
  else node.setAttribute(name, value);
}

/** A new element. Strings among `children` become text nodes with hidden characters shown as escapes. */
export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  const settings = typeof options === "string" ? { className: options } : options;
  Object.entries(settings).forEach(([name, value]) => assign(node, name, value));
  append(node, children);
  return node;
}

/** Adds children (elements, strings, arrays; null and false are skipped) to `node`. */
export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
  return node;
}

/** Replaces everything inside `node`. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/** A small button; `label` is its text, `hint` its tooltip, and its accessible name where the label is a sign only. */
export function button(label, hint, action, className = "") {
  const name = /\p{L}{2}/u.test(label) ? null : hint;
  return el("button", { className: `ks-button ${className}`, type: "button", title: hint, "aria-label": name, on: { click: action } }, label);
}
