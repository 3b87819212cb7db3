// Tabs: a list of titles, one panel. Arrow keys move between them.
import { el } from "./dom.js";

let tabLists = 0;

/**
 * `panel` shows one of `list` ([[title, show]]); `show()` is called when its tab is chosen, at first the one at `start`.
 * Returns the row of tabs; `label` is its accessible name, `chosen(title)` hears of each choice.
 */
export function tabRow(list, panel, { start = 0, label, chosen = () => {} }) {
  const name = `ks-tabs-${++tabLists}`;
  panel.id = `${name}-panel`;
  panel.setAttribute("role", "tabpanel");
  const tabs = list.map(([title], at) => el("button", { className: "ks-tab", type: "button", role: "tab", id: `${name}-${at}`, "aria-controls": panel.id, on: { click: () => choose(at), keydown: (event) => moved(event, at) } }, title));

  function choose(at) {
    tabs.forEach((tab, number) => {
      tab.setAttribute("aria-selected", String(number === at));
      tab.tabIndex = number === at ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", tabs[at].id);
    chosen(list[at][0]);
    list[at][1]();
  }

  function moved(event, at) {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (to + tabs.length) % tabs.length;
    choose(next);
    tabs[next].focus();
  }

  choose(start);
  return el("div", { className: "ks-tabs", role: "tablist", "aria-label": label, "data-lm-suppress-shortcuts": "true" }, tabs);
}
