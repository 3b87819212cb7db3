// The jobs panel.
import { button, el, fill } from "./dom.js";
import { connect, follow } from "./rpc.js";
import { clock, duration, longTime, oneLine, plural } from "./text.js";

const US_PER_S = 1e6;

function stateOf(job) {
  if (job.running) return "running";
  return job.stopped ? "stopped" : "waiting";
}

/** "in 4 s", "now", or the time itself in a replay whose clock stands still. */
export function countdown(next, now, live) {
  if (!next) return "—";
  if (!now) return clock(next);
  const left = (next - now) / 1e9;
  if (left <= 0) return live ? "now" : clock(next);
  return `in ${duration(Math.ceil(left) * US_PER_S).replace(/\.00 s$/, " s")}`;
}

function runRow(run) {
  return el("div", `ks-run ${run.error ? "ks-run-failed" : ""}`,
    el("span", { className: "ks-line-time", title: `${longTime(run.time)} UTC` }, clock(run.time)),
    el("span", {}, run.error ? "✗" : "✓"),
    el("span", "ks-muted", duration(run.seconds * US_PER_S)),
    el("span", "ks-muted", run.lines ? plural(run.lines, "line") : ""),
    el("span", "ks-line-text", oneLine(run.error)));
}

function facts(job, timing) {
  const fact = (label, value, title) => el("span", { className: "ks-fact", title }, el("span", "ks-muted", label), " ", value);
  return el("div", "ks-job-facts",
    fact("runs", job.limit ? `${job.runs} of ${job.limit}` : String(job.runs)),
    fact("failures", job.failures ? el("b", "ks-bad-text", String(job.failures)) : "0"),
    job.missed > 0 && fact("skipped", String(job.missed), "due while the previous run was still active"),
    fact("last", job.last_run ? `${clock(job.last_run)} (${duration(job.last_seconds * US_PER_S)})` : "never", `${longTime(job.last_run)} UTC`),
    fact("next", el("span", { data: { next: String(job.next_run) } }, countdown(job.next_run, timing.now, timing.live)), `${longTime(job.next_run)} UTC`),
    fact("script", oneLine(job.script)),
    fact("node", oneLine(job.node)));
}

/** Draws the jobs of `model` into `root`; returns { close }. */
export function mountJobs(model, root) {
  const { ask, close } = connect(model);
  const open = new Set();
  const timing = { now: 0, live: false, at: 0 };
  let control = false;
  let held = [];
  const list = el("div", { className: "ks-jobs", role: "list", "aria-label": "Jobs" });
  const tools = el("div", "ks-bar-line");
  const problem = el("div", { className: "ks-problem", role: "alert" });
  root.append(el("div", "ks-bar", tools, problem), list);

  async function tell(action, tag) {
    problem.replaceChildren();
    try {
      show(await ask("control", { action, tag }));
    } catch (fault) {
      fill(problem, el("pre", {}, fault.message));
    }
  }

  function buttons(job) {
    if (!control) return null;
    const tag = oneLine(job.tag);
    return [
      button("▶ run", `Run ${tag} now`, () => tell("run", job.tag)),
      job.stopped ? button("start", `Start ${tag}`, () => tell("start", job.tag)) : button("stop", `Stop ${tag}`, () => tell("stop", job.tag)),
      button("✕", `Remove ${tag}`, () => tell("remove", job.tag)),
    ];
  }

  function card(job) {
    const key = `${job.node} ${job.tag}`;
    const state = stateOf(job);
    const history = el("details", { className: "ks-history", on: { toggle: (event) => (event.target.open ? open.add(key) : open.delete(key)) } }, el("summary", {}, `history · last ${plural(job.history.length, "run")}`), [...job.history].reverse().map(runRow));
    history.open = open.has(key);
    return el("div", { className: `ks-job ks-job-${state}`, role: "listitem" },
      el("div", "ks-job-head", el("span", { className: "ks-dot", "aria-hidden": "true" }), el("b", "ks-job-tag", oneLine(job.tag)), el("span", "ks-muted", state), el("span", "ks-gap"), buttons(job)),
      el("div", "ks-job-cron", el("code", {}, oneLine(job.cron)), el("span", {}, oneLine(job.words))),
      facts(job, timing),
      job.last_error && el("div", "ks-job-error", oneLine(job.last_error)),
      job.history.length > 0 && history);
  }

  function header() {
    const stopped = held.length > 0 && held.every((job) => job.stopped);
    const all = control && held.length > 0 && [
      button("▶ run all", "Run every job now", () => tell("run", "")),
      stopped ? button("start scheduler", "Let jobs run again", () => tell("scheduler start", "")) : button("stop scheduler", "Let no job run", () => tell("scheduler stop", "")),
      button("✕ remove all", "Remove every job", () => tell("remove", "")),
    ];
    fill(tools, el("b", {}, plural(held.length, "job")), timing.now ? el("span", { className: "ks-muted ks-job-clock", title: `${longTime(timing.now)} UTC` }, `${timing.live ? "now" : "capture time"} ${clock(timing.now)}`) : null, el("span", "ks-gap"), all);
  }

  function show(answer) {
    held = answer.jobs;
    control = answer.control ?? control;
    Object.assign(timing, { now: answer.now, live: answer.live ?? timing.live, at: performance.now() });
    header();
    fill(list, held.length ? held.map(card) : el("div", "ks-empty", "No job is scheduled. jobs.schedule(tag, cron, task) in a script adds one."));
  }

  function tick() {
    if (!timing.live || !timing.now) return;
    const now = timing.now + (performance.now() - timing.at) * 1e6;
    list.querySelectorAll("[data-next]").forEach((node) => fill(node, countdown(Number(node.dataset.next), now, true)));
  }

  ask("jobs").then(show, () => {});
  const ticking = setInterval(tick, 1000);
  const unfollow = follow(model, ({ jobs }) => jobs && show(jobs));
  return { close: () => { unfollow(); close(); clearInterval(ticking); } };
}

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root");
    return mountJobs(model, root).close;
  },
};
