// Everything in one layout. Each part is another widget's model, asked over that widget's own comm.
import { mountConsole } from "./console_view.js";
import { el, fill } from "./dom.js";
import { mountEffects } from "./effects_view.js";
import { mountItemTable } from "./item_table.js";
import { mountJobs } from "./jobs_view.js";
import { mountTraffic } from "./map_view.js";
import { connect, follow } from "./rpc.js";
import { runBar } from "./run_bar.js";
import { tabRow } from "./tabs.js";
import { grouped, oneLine } from "./text.js";

const KINDS_OF_STAT = { passed: "ks-stat-passed", failed: "ks-stat-failed", errors: "ks-stat-failed", dropped: "ks-stat-lost", truncated: "ks-stat-lost", undissected: "ks-stat-lost", gaps: "ks-stat-lost" };

function statNodes(stats) {
  return Object.entries(stats).map(([name, value]) => el("span", { className: `ks-stat ${value ? (KINDS_OF_STAT[name] ?? "") : ""}` }, el("b", {}, grouped(value)), " ", el("span", "ks-muted", oneLine(name))));
}

function panels(parts) {
  const holder = el("div", "ks-dash-panel", parts.map(([, node]) => node));
  const only = (shown) => parts.forEach(([, node]) => { node.style.display = node === shown ? "" : "none"; });
  return [tabRow(parts.map(([title, node]) => [title, () => only(node)]), holder, { label: "Panels" }), holder];
}

function topLines(model) {
  const { ask, close } = connect(model);
  const figures = el("div", { className: "ks-stats", role: "group", "aria-label": "Counts" }, "…");
  const problem = el("div", { className: "ks-problem", role: "alert" });
  const bar = runBar(tell);
  let speeds = null;

  async function tell(action) {
    fill(problem);
    await ask("control", { action }).then(show, (fault) => fill(problem, el("pre", {}, fault.message)));
  }

  function show({ stats, progress, ...rest }) {
    if ("control" in rest) speeds = rest.control ? rest.speeds : null;
    if (stats) fill(figures, statNodes(stats));
    if (progress !== undefined) bar.show(progress, speeds);
  }

  bar.show(null);
  ask("stats").then(show, () => {});
  const unfollow = follow(model, ({ stats, progress }) => show({ stats, progress }));
  return { nodes: [bar.node, problem, figures], close: () => { unfollow(); close(); } };
}

async function build(model, root) {
  const part = (name) => model.widget_manager.get_model(model.get(name).replace("IPY_MODEL_", ""));
  const [table, console, jobs, effects, traffic] = await Promise.all(["table", "console", "jobs", "effects", "traffic"].map(part));
  const box = () => el("div", "ks-dash-part");
  const places = { time: box(), table: box(), console: box(), jobs: box(), effects: box(), map: el("div", "ks-map-pane") };
  const top = topLines(model);
  const below = panels([["Console", places.console], ["Service map", places.map], ["Jobs", places.jobs], ["Effects", places.effects]]);
  root.append(...top.nodes, places.time, places.table, ...below);
  const flow = mountTraffic(traffic, places.map, places.time, (kfl) => items.addTerm(kfl));
  const items = mountItemTable(table, places.table, flow.show);
  const mounted = [top, flow, items, mountConsole(console, places.console, (kfl) => items.addTerm(kfl)), mountJobs(jobs, places.jobs), mountEffects(effects, places.effects)];
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
