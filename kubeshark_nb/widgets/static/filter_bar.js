// The KFL bar: coloured as you type, checked after a pause, completed, remembered.
import { button, el, fill } from "./dom.js";
import { addTerm, complete, tokens } from "./kfl_text.js";

const PAUSE_MS = 100;
const REMEMBERED = 30;

/**
 * A filter bar. `check(query)` resolves with null or { error, line, column }; `apply(query)` runs it.
 * Returns { node, focus(), add(term), set(query), busy(text), failed(problem) }.
 */
export function filterBar(check, apply) {
  const history = [];
  let at = -1;
  let timer = 0;
  let options = [];
  let chosen = 0;

  const colours = el("pre", { className: "ks-kfl-colours", "aria-hidden": "true" });
  const input = el("textarea", { className: "ks-kfl-input", rows: 1, spellcheck: false, placeholder: "Kubeshark Filter Syntax    ( / )", "aria-label": "Filter, Kubeshark Filter Language", "data-lm-suppress-shortcuts": "true" });
  const list = el("div", { className: "ks-options", role: "listbox" });
  const problem = el("div", { className: "ks-problem", role: "alert" });
  const box = el("div", "ks-kfl", colours, input, list);
  const run = button("Apply", "Apply the filter (Enter)", () => submit(), "ks-primary");
  const clear = button("Clear", "Show everything", () => { set(""); submit(); });
  const node = el("div", "ks-bar", el("div", "ks-bar-line", box, run, clear), problem);

  function paint() {
    fill(colours, tokens(input.value).map(([kind, text]) => el("span", `ks-kfl-${kind}`, text)), "\n");
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 110)}px`;
    clear.style.display = input.value ? "" : "none";
  }

  function judge(state) {
    box.dataset.state = state;
  }

  function failed(fault) {
    judge("bad");
    const line = input.value.split("\n")[Math.max(0, (fault.line || 1) - 1)] ?? "";
    const caret = fault.column ? `${line}\n${" ".repeat(fault.column - 1)}^ ` : "";
    fill(problem, el("pre", {}, `${caret}${fault.reason ?? fault.error ?? fault.message}`));
  }

  async function examine() {
    const query = input.value.trim();
    problem.replaceChildren();
    if (!query) return judge("empty");
    const fault = await check(query).catch(() => null);
    if (input.value.trim() !== query) return undefined;
    return fault ? failed(fault) : judge("good");
  }

  function suggest() {
    const { from, options: found } = document.activeElement === input ? complete(input.value, input.selectionStart) : { options: [] };
    options = found.map((text) => ({ from, text }));
    chosen = 0;
    drawOptions();
  }

  function drawOptions() {
    fill(list, options.map(({ text }, number) => el("div", { className: number === chosen ? "ks-option ks-on" : "ks-option", role: "option", "aria-selected": String(number === chosen), on: { mousedown: (event) => {
      event.preventDefault();
      chosen = number;
      accept();
    } } }, text)));
    list.style.display = options.length ? "" : "none";
  }

  function accept() {
    const { from, text } = options[chosen];
    input.setRangeText(text, from, input.selectionStart, "end");
    options = [];
    changed();
    drawOptions();
  }

  function changed() {
    paint();
    clearTimeout(timer);
    timer = setTimeout(examine, PAUSE_MS);
  }

  function set(query) {
    input.value = query;
    options = [];
    drawOptions();
    changed();
  }

  function submit() {
    const query = input.value.trim();
    options = [];
    drawOptions();
    if (query && history[0] !== query) history.unshift(query);
    history.length = Math.min(history.length, REMEMBERED);
    at = -1;
    apply(query);
  }

  function recall(step) {
    if (at + step < -1 || at + step >= history.length) return;
    at += step;
    set(at < 0 ? "" : history[at]);
  }

  function move(step) {
    chosen = (chosen + step + options.length) % options.length;
    drawOptions();
  }

  const open = () => options.length > 0;
  const KEYS = {
    Enter: (event) => (event.shiftKey ? false : submit()),
    Tab: () => (open() ? accept() : false),
    Escape: () => { options = []; drawOptions(); },
    ArrowDown: () => (open() ? move(1) : input.value && at < 0 ? false : recall(-1)),
    ArrowUp: () => (open() ? move(-1) : input.value && at < 0 ? false : recall(1)),
  };

  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const act = KEYS[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });
  input.addEventListener("input", () => { changed(); suggest(); });
  input.addEventListener("blur", () => { options = []; drawOptions(); });
  input.addEventListener("scroll", () => { colours.scrollTop = input.scrollTop; });
  drawOptions();
  paint();
  judge("empty");

  return {
    node,
    failed,
    set,
    focus: () => input.focus(),
    add: (term) => { set(addTerm(input.value, term)); submit(); },
    busy: (yes) => { box.classList.toggle("ks-busy", yes); },
    query: () => input.value.trim(),
    succeeded: () => { problem.replaceChildren(); judge(input.value.trim() ? "good" : "empty"); },
  };
}
