// The jobs panel.
import { consoleLine } from "./console_line.js";
import { button, el, fill } from "./dom.js";
import { kernelNote } from "./kernel_note.js";
import { connect, follow } from "./rpc.js";
import { clock, duration, longTime, oneLine, plural } from "./text.js";

const US_PER_S = 1e6;
const SURE_MS = 3000; // for which "remove all" waits for the second click

function stamp(job) {
  return `${job.history.length} ${job.history.at(-1)?.time} ${job.runs}`;
}

function stateOf(job) {
  if (job.running) return "running";
  if (job.halted) return "scheduler is off";
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

function runRow(run, lines) {
  const cells = [
    el("span", { className: "ks-line-time", title: `${longTime(run.time)} UTC` }, clock(run.time)),
    el("span", { "aria-label": run.error ? "failed" : "passed", role: "img" }, run.error ? "✗" : "✓"),
    el("span", "ks-muted", duration(run.seconds * US_PER_S)),
    el("span", "ks-muted", run.lines ? plural(run.lines, "line") : ""),
    el("span", "ks-line-text", oneLine(run.error))];
  const kind = `ks-run ${run.error ? "ks-run-failed" : ""}`;
  if (!run.lines) return el("div", kind, cells);
  const printed = el("div", "ks-run-lines");
  return el("details", { className: "ks-run-open", on: { toggle: (event) => event.target.open && !printed.childElementCount && lines(printed) } }, el("summary", kind, cells), printed);
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
  const { ask, close } = connect(model, kernelNote(root));
  const open = new Set();
  const cards = new Map(); // the rows of a job's runs, kept while its history stays the same, so that opened ones stay open
  const timing = { now: 0, live: false, at: 0 };
  let control = false;
  let held = [];
  const list = el("div", { className: "ks-jobs", role: "list", "aria-label": "Jobs" });
  const tools = el("div", "ks-bar-line");
  const said = el("span", "ks-muted ks-job-clock");
  const problem = el("div", { className: "ks-problem", role: "alert" });
  root.append(el("div", "ks-bar", tools, problem), list);

  async function tell(action, tag, node) {
    problem.replaceChildren();
    try {
      show(await ask("control", { action, tag, node }));
    } catch (fault) {
      fill(problem, el("pre", {}, fault.message));
    }
  }

  function buttons(job) {
    if (!control) return null;
    const tag = oneLine(job.tag);
    return [
      button("▶ run", `Run ${tag} now`, () => tell("run", job.tag, job.node)),
      job.stopped && !job.halted ? button("start", `Start ${tag}`, () => tell("start", job.tag, job.node)) : button("stop", `Stop ${tag}`, () => tell("stop", job.tag, job.node)),
      button("✕", `Remove ${tag}`, () => tell("remove", job.tag, job.node)),
    ];
  }

  function runs(job) {
    return [...job.history].reverse().map((run, at, newest) => runRow(run, async (place) => {
      const answer = await ask("lines", { tag: job.tag, node: job.node, time: run.time, next: newest[at - 1]?.time ?? 0 }).catch((fault) => fault);
      if (answer instanceof Error) fill(place, el("div", "ks-empty", answer.message));
      else fill(place, answer.lines.map((line) => consoleLine(line)), answer.more > 0 && el("div", "ks-muted", `and ${plural(answer.more, "line")} more`), answer.lines.length ? null : el("div", "ks-empty", "These lines were dropped from the console since."));
    }));
  }

  function card(job) {
    const key = `${job.node} ${job.tag}`;
    const state = stateOf(job);
    const history_ = open.has(key) && cards.get(key)?.stamp === stamp(job) ? cards.get(key).rows : runs(job);
    cards.set(key, { stamp: stamp(job), rows: history_ });
    const history = el("details", { className: "ks-history", on: { toggle: (event) => (event.target.open ? open.add(key) : open.delete(key)) } }, el("summary", {}, `history · last ${plural(job.history.length, "run")}`), history_);
    history.open = open.has(key);
    return el("div", { className: `ks-job ks-job-${job.stopped && !job.running ? "stopped" : state}`, role: "listitem" },
      el("div", "ks-job-head", el("span", { className: "ks-dot", "aria-hidden": "true" }), el("b", "ks-job-tag", oneLine(job.tag)), el("span", "ks-muted", state), el("span", "ks-gap"), buttons(job)),
      el("div", "ks-job-cron", el("code", {}, oneLine(job.cron)), el("span", {}, oneLine(job.words))),
      facts(job, timing),
      job.last_error && el("div", "ks-job-error", oneLine(job.last_error)),
      job.history.length > 0 && history);
  }

  function scheduler(on) {
    return el("button", { className: `ks-button ks-switch ${on ? "ks-on" : ""}`, type: "button", role: "switch", "aria-checked": String(on), title: on ? "No job runs while the scheduler is off" : "Let jobs run again, without catching up", on: { click: () => tell(on ? "scheduler stop" : "scheduler start", "") } }, `scheduler ${on ? "on" : "off"}`);
  }

  function removeAll() {
    const remover = button("✕ remove all", "Remove every job", () => {
      if (remover.dataset.sure) return tell("remove", "");
      remover.dataset.sure = "yes";
      fill(remover, "really remove all?");
      return setTimeout(() => { delete remover.dataset.sure; fill(remover, "✕ remove all"); }, SURE_MS);
    });
    return remover;
  }

  function header() {
    const all = control && held.length > 0 && [
      scheduler(!held.every((job) => job.halted)),
      button("▶ run all", "Run every job now", () => tell("run", "")),
      held.every((job) => job.stopped && !job.halted) ? button("start all", "Start every job", () => tell("start", "")) : button("stop all", "Stop every job", () => tell("stop", "")),
      removeAll(),
    ];
    fill(tools, el("b", {}, plural(held.length, "job")), said, el("span", "ks-gap"), all);
    said.textContent = clockText();
  }

  function show(answer) {
    if (!answer.jobs) return later(answer.now);
    held = answer.jobs;
    control = answer.control ?? control;
    Object.assign(timing, { now: answer.now, live: answer.live ?? timing.live, at: performance.now() });
    const focused = root.contains(document.activeElement) ? document.activeElement.title : "";
    header();
    fill(list, held.length ? held.map(card) : el("div", "ks-empty", "No job is scheduled. jobs.schedule(tag, cron, task) in a script adds one."));
    if (focused) [...root.querySelectorAll("button")].find((one) => one.title === focused)?.focus({ preventScroll: true });
    return undefined;
  }

  function later(now) {
    Object.assign(timing, { now, at: performance.now() });
    said.textContent = clockText();
    countDown(now);
  }

  function tick() {
    if (!timing.live || !timing.now) return;
    countDown(timing.now + (performance.now() - timing.at) * 1e6);
  }

  function countDown(now) {
    list.querySelectorAll("[data-next]").forEach((node) => fill(node, countdown(Number(node.dataset.next), now, timing.live)));
  }

  function clockText() {
    return timing.now ? `${timing.live ? "now" : "capture time"} ${clock(timing.now)}` : "";
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
