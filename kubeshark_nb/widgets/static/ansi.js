// ANSI colours by allow-list: SGR colours and weights become class names, every other sequence is shown as text. Pure.

const SGR = /\x1b\[([\d;]*)m/g;
const SIMPLE = { 1: ["weight", "bold"], 2: ["weight", "faint"], 3: ["slant", "italic"], 4: ["line", "underline"], 22: ["weight", ""], 23: ["slant", ""], 24: ["line", ""], 39: ["colour", ""], 49: ["ground", ""] };

function change(style, code) {
  if (code === 0) return {};
  if (SIMPLE[code]) return { ...style, [SIMPLE[code][0]]: SIMPLE[code][1] };
  if (code >= 30 && code <= 37) return { ...style, colour: `fg${code - 30}` };
  if (code >= 90 && code <= 97) return { ...style, colour: `fg${code - 82}` };
  if (code >= 40 && code <= 47) return { ...style, ground: `bg${code - 40}` };
  return style;
}

function apply(style, codes) {
  const numbers = codes === "" ? [0] : codes.split(";").map(Number);
  const extended = numbers.findIndex((code) => code === 38 || code === 48); // 256 and true colours: not on the list
  return (extended < 0 ? numbers : numbers.slice(0, extended)).reduce(change, style);
}

/** `text` as [{ text, classes }] pieces; `classes` come from a fixed set only. */
export function ansiPieces(text) {
  const pieces = [];
  let style = {};
  let from = 0;
  for (const match of text.matchAll(SGR)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), classes: classesOf(style) });
    style = apply(style, match[1]);
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), classes: classesOf(style) });
  return pieces;
}

function classesOf(style) {
  return Object.values(style).filter(Boolean).map((name) => `ks-ansi-${name}`);
}
