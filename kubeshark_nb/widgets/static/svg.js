// SVG elements; text only ever arrives through `textContent`.
import { visible } from "./text.js";

/** A new SVG element with attributes, event handlers under `on`, and children (strings become text). */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => {
    if (name === "on") Object.entries(value).forEach(([event, handler]) => node.addEventListener(event, handler));
    else node.setAttribute(name, String(value));
  });
  children.flat().filter((child) => child !== null && child !== undefined && child !== false).forEach((child) => node.append(child instanceof Node ? child : visible(child)));
  return node;
}
