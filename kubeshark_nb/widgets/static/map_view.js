// Timeline and service map of the traffic that matches a filter.
import { el, fill } from "./dom.js";
import { kernelNote } from "./kernel_note.js";
import { connect, follow } from "./rpc.js";
import { drawServiceMap } from "./service_map.js";
import { drawTimeline } from "./timeline.js";

const QUIET_MS = 1500; // between two looks at growing traffic

/** Draws what `model` answers into the two nodes; `onFilter(kfl)` is called on clicks. Returns { close, show(kfl) }. */
export function mountTraffic(model, mapNode, timeNode, onFilter) {
  const { ask, close } = connect(model, kernelNote(mapNode));
  let query;
  let waiting = 0;
  let held = null;

  async function look() {
    try {
      held = await ask("traffic", query === undefined ? {} : { query });
      draw();
    } catch (fault) {
      fill(mapNode, el("div", "ks-empty", fault.message));
    }
  }

  function draw() {
    if (!held) return;
    drawTimeline(timeNode, held.timeline, onFilter);
    drawServiceMap(mapNode, held.map, onFilter);
  }

  function later() {
    if (waiting) return;
    waiting = setTimeout(() => { waiting = 0; look(); }, QUIET_MS);
  }

  const watcher = new ResizeObserver(draw);
  watcher.observe(mapNode);
  const unfollow = follow(model, ({ items }) => items && later());
  look();
  return {
    close: () => { unfollow(); close(); watcher.disconnect(); clearTimeout(waiting); },
    show: (kfl) => { query = kfl; look(); },
  };
}

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root");
    const chosen = el("div", { className: "ks-foot", role: "status" }, "Click a service or an arrow for its filter.");
    const time = el("div", "ks-time-pane");
    const map = el("div", "ks-map-pane");
    root.append(time, map, chosen);
    const traffic = mountTraffic(model, map, time, (kfl) => {
      fill(chosen, el("code", {}, kfl), el("button", { className: "ks-link", type: "button", on: { click: () => traffic.show("") } }, "show everything"));
      traffic.show(kfl);
    });
    return traffic.close;
  },
};
