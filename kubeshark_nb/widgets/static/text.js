// Captured text and figures as people read them. Pure functions: no page, no clock.

// The same characters as kubeshark_nb/items/escape.py; a test compares the two.
const HIDDEN =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const ESCAPES = { 9: "\\t", 10: "\\n", 13: "\\r" };

function escapeCharacter(character) {
  const code = character.codePointAt(0);
  const hex = (width) => code.toString(16).padStart(width, "0");
  if (ESCAPES[code]) return ESCAPES[code];
  if (code < 0x100) return `\\x${hex(2)}`;
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

/** `text` with every invisible or reordering character written as an escape; tab and newline stay. */
export function visible(text) {
  return String(text ?? "").replace(HIDDEN, escapeCharacter);
}

/** `visible`, with tab and newline escaped too: for table cells and labels. */
export function oneLine(text) {
  return visible(text).replace(/[\t\n]/g, escapeCharacter);
}

/** 12345 -> "12,345". */
export function grouped(number) {
  return String(Math.trunc(number)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Bytes as the dashboard writes them: "428 B", "1.5 KB". */
export function size(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let step = 0;
  let value = Number(bytes) || 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step ? value.toFixed(value < 10 ? 1 : 0) : value} ${units[step]}`;
}

/** Microseconds -> "350 µs", "12 ms", "1.25 s". */
export function duration(microseconds) {
  const us = Number(microseconds) || 0;
  if (us === 0) return "0 ms";
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${us < 1e4 ? (us / 1000).toFixed(1).replace(/\.0$/, "") : Math.round(us / 1000)} ms`;
  return us < 6e7 ? `${(us / 1e6).toFixed(2)} s` : `${Math.floor(us / 6e7)} min ${Math.round((us % 6e7) / 1e6)} s`;
}

/** Nanoseconds since the epoch -> "22:13:21.000" (UTC). */
export function clock(ns) {
  return ns ? new Date(ns / 1e6).toISOString().slice(11, 23) : "";
}

/** Nanoseconds since the epoch -> "11/14/2023, 10:13:21.000 PM" (UTC), the way Kubeshark writes it. */
export function longTime(ns) {
  if (!ns) return "";
  const iso = new Date(ns / 1e6).toISOString();
  const hour = Number(iso.slice(11, 13));
  return `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}, ${hour % 12 || 12}:${iso.slice(14, 23)} ${hour < 12 ? "AM" : "PM"}`;
}

/** One word in singular or plural with its grouped number: plural(1, "item") -> "1 item". */
export function plural(number, word) {
  return `${grouped(number)} ${word}${number === 1 ? "" : "s"}`;
}
