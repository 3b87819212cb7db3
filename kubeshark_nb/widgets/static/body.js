// What a body is: one table from media type to reader; the first that succeeds decides. Pure functions.
import { formPairs, fromBase64, hexDump, looksBinary, utf8, utf8Bytes } from "./bytes.js";
import { grpcMessages, protobuf } from "./protobuf.js";

function json(text) {
  if (!text || !/^\s*[[{"\-\d tfn]/.test(text)) return null;
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function graphql(text) {
  const body = json(text)?.value;
  if (typeof body?.query !== "string") return null;
  const { query, ...rest } = body;
  return { kind: "graphql", text: query, value: Object.keys(rest).length ? rest : null };
}

const READERS = [
  [/grpc/, (bytes) => wire(grpcMessages(bytes))],
  [/protobuf/, (bytes) => wire(protobuf(bytes))],
  [/graphql|json|^$/, (bytes, text) => graphql(text) ?? json(text)],
  [/x-www-form-urlencoded/, (bytes, text) => text && { kind: "form", value: formPairs(text) }],
  [/^image\//, (bytes, text, mime) => ({ kind: "image", mime })],
  [/./, (bytes, text) => json(text)],
];

function wire(value) {
  return value && { kind: "protobuf", value };
}

/**
 * The body in a form that can be shown: { kind, value or text, bytes, raw, hex }.
 * `kind` is json, graphql, protobuf, form, image, text, hex or empty. `encoding` is "base64" or "".
 */
export function readBody(text, encoding, mimeType) {
  if (!text) return { kind: "empty", raw: "", bytes: 0 };
  const mime = (mimeType ?? "").split(";")[0].trim().toLowerCase();
  const bytes = encoding === "base64" ? fromBase64(text) : null;
  const decoded = bytes ? utf8(bytes) : text;
  const raw = decoded !== null && !looksBinary(decoded) ? decoded : null;
  const found = recognised(bytes, raw, mime) ?? (raw === null ? { kind: "hex" } : { kind: "text", text: raw });
  return { ...found, raw, bytes: bytes ? bytes.length : text.length, content: bytes, hex: () => hexDump(bytes ?? utf8Bytes(text)) };
}

function recognised(bytes, text, mime) {
  for (const [pattern, read] of READERS) {
    const found = pattern.test(mime) && (bytes || text) ? read(bytes ?? utf8Bytes(text), text, mime) : null;
    if (found) return found;
  }
  return null;
}
