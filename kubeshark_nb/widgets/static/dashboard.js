// Everything in one layout. Each part is another widget's model, asked over that widget's own comm.
import { mountConsole } from "./console_view.js";
import { button, el, fill } from "./dom.js";
import { mountEffects } from "./effects_view.js";
import { mountItemTable } from "./item_table.js";
import { mountJobs } from "./jobs_view.js";
import { mountTraffic } from "./map_view.js";
import { connect, follow } from "./rpc.js";
import { grouped, oneLine } from "./text.js";

const KINDS_OF_STAT = { passed: "ks-stat-passed", failed: "ks-stat-failed", errors: "ks-stat-failed", dropped: "ks-stat-lost", truncated: "ks-stat-lost", undissected: "ks-stat-lost", gaps: "ks-stat-lost" };
const CONTROLS = [["pause", "⏸ pause"], ["resume", "▶ resume"], ["stop", "■ stop"]];

function statNodes(stats) {
  return Object.entries(stats).map(([name, value]) => el("span", { className: `ks-stat ${value ? (KINDS_OF_STAT[name] ?? "") : ""}` }, el("b", {}, grouped(value)), " ", el("span", "ks-muted", oneLine(name))));
}

function panels(parts) {
  const nodes = parts.map(([title, node], at) => {
    node.classList.add("ks-dash-panel");
    return el("button", { className: "ks-tab", type: "button", role: "tab", "aria-selected": "false", on: { click: () => choose(at) } }, title);
  });
  function choose(chosen) {
    parts.forEach(([, node], at) => { node.style.display = at === chosen ? "" : "none"; });
    nodes.forEach((node, at) => node.setAttribute("aria-selected", String(at === chosen)));
  }
  choose(0);
  return el("div", { className: "ks-tabs", role: "tablist" }, nodes);
}

function topLine(model) {
  const { ask, close } = connect(model);
  const figures = el("div", "ks-stats", "…");
  const tell = (action) => ask("control", { action }).then(show, () => {});
  let control = false;
  function show(answer) {
    control = answer.control ?? control;
    const buttons = control ? CONTROLS.map(([action, label]) => button(label, `${action} the capture`, () => tell(action))) : [];
    fill(figures, statNodes(answer.stats), el("span", "ks-gap"), buttons);
  }
  ask("stats").then(show, () => {});
  const unfollow = follow(model, ({ stats }) => stats && show({ stats }));
  return { figures, close: () => { unfollow(); close(); } };
}

async function build(model, root) {
  const part = (name) => model.widget_manager.get_model(model.get(name).replace("IPY_MODEL_", ""));
  const [table, console, jobs, effects, traffic] = await Promise.all(["table", "console", "jobs", "effects", "traffic"].map(part));
  const box = () => el("div", "ks-dash-part");
  const places = { time: box(), table: box(), console: box(), jobs: box(), effects: box(), map: el("div", "ks-map-pane") };
  const top = topLine(model);
  const tabs = panels([["Console", places.console], ["Service map", places.map], ["Jobs", places.jobs], ["Effects", places.effects]]);
  root.append(top.figures, places.time, places.table, tabs, places.console, places.map, places.jobs, places.effects);
  const flow = mountTraffic(traffic, places.map, places.time, (kfl) => items.addTerm(kfl));
  const items = mountItemTable(table, places.table, flow.show);
  const mounted = [top, flow, items, mountConsole(console, places.console), mountJobs(jobs, places.jobs), mountEffects(effects, places.effects)];
  return () => mounted.forEach((one) => one.close());
}

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root", "ks-table-root", "ks-dash");
    let closed = false;
    let close = () => {};
    build(model, root).then((made) => { close = made; if (closed) close(); });
    return () => { closed = true; close(); };
  },
};
