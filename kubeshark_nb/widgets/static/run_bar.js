// Where a replay or a live capture is, and the buttons that steer it.
import { button, el, fill } from "./dom.js";
import { clock, longTime, oneLine } from "./text.js";

const RUNNING = new Set(["running", "paused"]);

function wordsFor({ state, part, speed, sending }) {
  const live = !speed;
  const doing = { running: live ? "live" : "replaying", paused: "paused", done: live ? "ended" : "replayed to the end", stopped: "stopped", "": "nothing has run yet" }[state] ?? oneLine(state);
  const far = RUNNING.has(state) && part >= 0 ? ` · ${Math.round(part * 100)} %` : "";
  return `${doing}${far}${sending ? ` · LIVE VENDORS: ${oneLine(sending)}` : ""}`;
}

/** A bar that `tell(action)` steers. Returns { node, show(progress, speeds) }; `speeds` null: there is nothing to steer. */
export function runBar(tell) {
  const bar = el("div", "ks-progress-bar");
  const track = el("div", { className: "ks-progress-track", role: "progressbar", "aria-label": "Replay", "aria-valuemin": "0", "aria-valuemax": "100" }, bar);
  const text = el("span", { className: "ks-progress-text", role: "status" });
  const time = el("span", "ks-muted ks-run-clock");
  const tools = el("span", "ks-run-tools");
  const node = el("div", { className: "ks-progress ks-run-bar", role: "group", "aria-label": "Run" }, track, text, time, el("span", "ks-gap"), tools);
  let drawn = "";

  function draw({ state, part, time: now }) {
    node.dataset.state = state === "running" || state === "done" || state === "stopped" || state === "paused" || !state ? state : "failed";
    const unknown = part < 0 && state === "running";
    bar.classList.toggle("ks-unknown", unknown);
    bar.style.width = unknown ? "30%" : `${Math.max(0, Math.min(1, part)) * 100}%`;
    if (unknown) track.removeAttribute("aria-valuenow");
    else track.setAttribute("aria-valuenow", String(Math.round(Math.max(0, part) * 100)));
    fill(time, now ? clock(now) : "");
    time.title = now ? `${longTime(now)} UTC` : "";
  }

  function pace(speed, speeds) {
    const known = speeds.includes(speed) ? speeds : [speed, ...speeds];
    const choice = el("select", { className: "ks-select", "aria-label": "Speed of the replay", on: { change: () => tell(`speed ${choice.value}`) } }, known.map((one) => el("option", { value: one }, oneLine(one))));
    choice.value = speed;
    return choice;
  }

  function buttons({ state, speed }, speeds) {
    const steer = (action, label, hint) => button(label, hint, () => tell(action));
    const going = state === "paused" ? steer("resume", "▶ resume", "Go on") : steer("pause", "⏸ pause", "Let the run wait");
    const again = steer("replay", speed ? "↻ replay" : "▶ start", speed ? "Replay the capture from its start" : "Capture again");
    return [speed ? pace(speed, speeds) : null, ...(RUNNING.has(state) ? [going, steer("stop", "■ stop", "End the run and keep what it brought")] : [again])];
  }

  return {
    node,
    show(progress, speeds) {
      node.style.display = progress ? "" : "none";
      if (!progress) return;
      draw(progress);
      fill(text, wordsFor(progress));
      const wanted = `${progress.state} ${progress.speed} ${Boolean(speeds)}`;
      if (wanted === drawn) return; // a button under the pointer stays where it is
      drawn = wanted;
      fill(tools, speeds ? buttons(progress, speeds) : []);
    },
  };
}
