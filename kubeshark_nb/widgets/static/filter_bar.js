// The KFL bar: coloured as you type, checked after a pause, completed, remembered.
import { button, el, fill } from "./dom.js";
import { addTerm, complete, tokens } from "./kfl_text.js";

const PAUSE_MS = 100;
const REMEMBERED = 30;

/**
 * A filter bar. `check(query)` resolves with null or { error, line, column }; `apply(query)` runs it, `cancel()` stops it.
 * Returns { node, focus(), add(term), set(query), recall(queries), busy(yes), progress(errand), failed(problem), succeeded() }.
 */
export function filterBar(check, apply, cancel) {
  let history = [];
  let at = -1;
  let timer = 0;
  let options = [];
  let chosen = 0;

  const colours = el("pre", { className: "ks-kfl-colours", "aria-hidden": "true" });
  const input = el("textarea", { className: "ks-kfl-input", rows: 1, spellcheck: false, placeholder: "Kubeshark Filter Syntax    ( / )", "aria-label": "Filter, Kubeshark Filter Language", "data-lm-suppress-shortcuts": "true" });
  const list = el("div", { className: "ks-options", role: "listbox", "aria-label": "Completions" });
  const problem = el("div", { className: "ks-problem", role: "alert" });
  const box = el("div", "ks-kfl", colours, input, list);
  const run = button("Apply", "Apply the filter (Enter)", () => submit(), "ks-primary");
  const clear = button("Clear", "Show everything", () => { set(""); submit(); });
  const halt = button("Cancel", "Stop the search and keep what it has found", () => cancel(), "ks-halt");
  const far = el("div", { className: "ks-far", role: "progressbar", "aria-label": "Search", "aria-valuemin": "0", "aria-valuemax": "100" });
  const node = el("div", "ks-bar", el("div", "ks-bar-line", box, run, clear, halt), problem);
  box.append(far);

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
    clearTimeout(timer); // the answer says whether the query is right
    options = [];
    drawOptions();
    if (query) history = [query, ...history.filter((other) => other !== query)].slice(0, REMEMBERED);
    at = -1;
    apply(query);
  }

  function busy(yes) {
    box.classList.toggle("ks-busy", yes);
    far.style.width = "";
    far.removeAttribute("aria-valuenow");
    halt.style.display = "none";
    run.style.display = "";
  }

  function progress({ done, total }) {
    const part = total ? Math.floor((100 * done) / total) : 0;
    box.classList.toggle("ks-busy", !total);
    far.style.width = `${part}%`;
    far.setAttribute("aria-valuenow", String(part));
    fill(halt, total ? `Cancel · ${part} %` : "Cancel");
    halt.style.display = "";
    run.style.display = "none";
  }

  // Up and Down go through the history where they have no lines to go through, and nothing was typed that would be lost.
  function recalled(step) {
    const own = input.value && input.value !== history[at] && input.value.trim() !== history[0];
    if (own || input.value.includes("\n")) return false;
    const from = at < 0 && input.value ? 0 : at;
    const to = from + step;
    if (to < -1 || to >= history.length) return undefined;
    at = to;
    set(at < 0 ? "" : history[at]);
    return undefined;
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
    ArrowDown: () => (open() ? move(1) : recalled(-1)),
    ArrowUp: () => (open() ? move(-1) : recalled(1)),
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
  busy(false);

  return {
    node,
    failed,
    set,
    focus: () => input.focus(),
    add: (term) => { set(addTerm(input.value, term)); submit(); },
    busy,
    progress,
    recall: (queries) => { history = [...queries]; },
    succeeded: () => { problem.replaceChildren(); judge(input.value.trim() ? "good" : "empty"); },
  };
}
