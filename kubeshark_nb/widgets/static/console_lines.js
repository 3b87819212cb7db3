// Which console lines are shown, and repeated ones counted. Pure functions.

/** Whether `line` passes `wanted` ({ text, level, script, node }; empty means any). The kernel has the same test. */
export function lineMatches(line, wanted) {
  const exact = ["level", "script", "node"].every((name) => !wanted[name] || line[name] === wanted[name]);
  return exact && line.text.toLowerCase().includes((wanted.text ?? "").toLowerCase());
}

/** Whether `line` says the same as `last` from the same place, so that the two are shown as one with a count. */
export function repeats(last, line) {
  return Boolean(last) && ["level", "text", "script", "line", "node", "hook"].every((name) => last[name] === line[name]);
}

/** `lines` after the last console.clear(). */
export function afterClear(lines) {
  return lines.slice(lines.findLastIndex((line) => line.level === "clear") + 1);
}
