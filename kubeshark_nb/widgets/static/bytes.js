// Bodies: from base64 to bytes to something readable. Pure functions.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));

/** Base64 text -> Uint8Array; padding and foreign characters are ignored. */
export function fromBase64(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) continue;
    bits = ((bits << 6) | value) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[length++] = (bits >> held) & 0xff;
    }
  }
  return bytes.subarray(0, length);
}

/** UTF-8 bytes -> text, or null when they are not UTF-8. A character cut off at the end is dropped. */
export function utf8(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const [code, width] = codePoint(bytes, at);
    if (width === 0) return bytes.length - at < 4 && at > 0 && bytes[at] >= 0xc2 ? text : null;
    text += String.fromCodePoint(code);
    at += width;
  }
  return text;
}

const LEADS = [0, 0xc0, 0xe0, 0xf0];
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

function codePoint(bytes, at) {
  const lead = bytes[at];
  if (lead < 0x80) return [lead, 1];
  const width = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + width > bytes.length) return [0, 0];
  let code = lead & (0xff >> (width + 1));
  for (let next = at + 1; next < at + width; next += 1) {
    if ((bytes[next] & 0xc0) !== 0x80) return [0, 0];
    code = (code << 6) | (bytes[next] & 0x3f);
  }
  const legal = code >= SMALLEST[width] && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
  return legal ? [code, width] : [0, 0];
}

/** Text -> UTF-8 bytes; a lone surrogate becomes U+FFFD. */
export function utf8Bytes(text) {
  const bytes = [];
  for (const character of text) {
    const point = character.codePointAt(0);
    const code = point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
    const tail = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    bytes.push(tail ? LEADS[tail] | (code >> (6 * tail)) : code);
    for (let place = tail - 1; place >= 0; place -= 1) bytes.push(0x80 | ((code >> (6 * place)) & 0x3f));
  }
  return Uint8Array.from(bytes);
}

/** True when `text` holds control characters that no text file has. */
export function looksBinary(text) {
  return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
}

/** A hex dump: 16 bytes a line, offset, hex, printable characters. */
export function hexDump(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const shown = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${shown}`);
  }
  return lines.join("\n");
}

/** application/x-www-form-urlencoded -> [[name, value], …]. */
export function formPairs(text) {
  const decode = (part) => {
    try {
      return decodeURIComponent(part.replace(/\+/g, " "));
    } catch {
      return part;
    }
  };
  return text.split("&").filter(Boolean).map((pair) => {
    const [name, ...value] = pair.split("=");
    return [decode(name), decode(value.join("="))];
  });
}
