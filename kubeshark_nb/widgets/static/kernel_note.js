// A line at the top of a widget whose kernel does not answer.
import { el } from "./dom.js";

const NOTES = {
  gone: "The kernel of this view has ended or was restarted: run its cell again.",
  late: "The kernel has not answered for some seconds: it is busy, or was restarted; then run this cell again.",
};

/** Returns `say(state)` for the widget that `part` belongs to; state is "gone", "late" or "" when all is well. */
export function kernelNote(part) {
  return (state) => {
    const root = part.closest(".ks-root");
    const old = root?.querySelector(":scope > .ks-gone");
    if (!root || (old?.dataset.state ?? "") === state) return;
    if (old && old.dataset.state === "gone" && state === "late") return;
    old?.remove();
    if (state) root.prepend(el("div", { className: "ks-gone", role: "alert", data: { state } }, NOTES[state]));
  };
}
