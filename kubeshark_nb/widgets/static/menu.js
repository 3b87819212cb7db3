// A small menu that opens over its surroundings, and closes on Escape or a click elsewhere.
import { el } from "./dom.js";

/** A menu `title` with `choices` (elements). */
export function dropDown(title, choices) {
  const summary = el("summary", {}, title);
  const node = el("details", { className: "ks-menu", on: { keydown: escape, toggle: watch } }, summary, el("div", "ks-menu-list", choices));

  function escape(event) {
    if (event.key !== "Escape" || !node.open) return;
    event.stopPropagation();
    node.open = false;
    summary.focus();
  }

  function elsewhere(event) {
    if (!event.composedPath().includes(node)) node.open = false;
  }

  function watch() {
    if (node.open) document.addEventListener("pointerdown", elsewhere);
    else document.removeEventListener("pointerdown", elsewhere);
  }

  return node;
}
