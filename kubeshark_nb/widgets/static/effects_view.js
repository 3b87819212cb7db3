// Calls to services: recorded or sent, newest last.
import { button, el, fill } from "./dom.js";
import { place } from "./console_line.js";
import { kernelNote } from "./kernel_note.js";
import { connect, follow } from "./rpc.js";
import { clock, longTime, oneLine, plural } from "./text.js";

const KEPT = 1000;
const STATUSES = new Set(["recorded", "sent", "failed", "refused", "dropped"]);

function sendButton(effect, ask) {
  const said = el("span", { className: "ks-muted", role: "status" });
  const sender = button("send now", "Really send this call", () => {
    sender.disabled = true;
    fill(said, "sending …");
    ask("send", { number: effect.number }).then(
      () => fill(said, "sent"),
      (fault) => { fill(said, oneLine(fault.message)); sender.disabled = false; });
  });
  return el("div", {}, sender, " ", said);
}

function effectLine(effect, ask) {
  const status = STATUSES.has(effect.status) ? effect.status : "recorded";
  return el("details", "ks-effect-line",
    el("summary", {},
      el("span", { className: "ks-line-time", title: `${longTime(effect.time)} UTC` }, clock(effect.time)),
      el("span", `ks-effect-status ks-effect-${status}`, status),
      el("b", {}, oneLine(effect.helper)),
      el("span", { className: "ks-path", title: oneLine(effect.target) }, oneLine(effect.target)),
      el("span", "ks-gap"),
      el("span", "ks-muted", oneLine(place(effect)))),
    el("pre", "ks-text", effect.request),
    ask && status === "recorded" && sendButton(effect, ask),
    effect.answer && el("div", "ks-muted", "answered to the script"),
    effect.answer && el("pre", "ks-text", effect.answer));
}

/** Draws the calls of `model` into `root`; returns { close }. */
export function mountEffects(model, root) {
  const { ask, close } = connect(model, kernelNote(root));
  let next = 0, sendable = false;
  const list = el("div", { className: "ks-console-list", role: "log", "aria-label": "Calls to services", tabIndex: 0 });
  const count = el("div", { className: "ks-foot", role: "status" });
  root.append(list, count);

  function add({ lines, total, first = total - lines.length }) {
    const fresh = lines.slice(Math.max(0, next - first));
    next = total;
    list.querySelector(".ks-empty")?.remove();
    list.append(...fresh.map((effect) => effectLine(effect, sendable && ask)));
    while (list.childElementCount > KEPT) list.firstElementChild.remove();
    if (!list.childElementCount) fill(list, el("div", "ks-empty", "No script called a service. vendor.* calls are recorded here, and sent only when you say so (%kubeshark_vendor live)."));
    fill(count, plural(total, "call"));
    list.scrollTop = list.scrollHeight;
  }

  const begin = () => ask("effects").then((answer) => { next = 0; sendable = answer.sendable; list.replaceChildren(); add(answer); }, () => {});
  begin();
  const unfollow = follow(model, ({ effects }) => {
    if (!effects) return;
    if (effects.again || effects.total < next) begin();
    else add(effects);
  });
  return { close: () => { unfollow(); close(); } };
}

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root");
    return mountEffects(model, root).close;
  },
};
