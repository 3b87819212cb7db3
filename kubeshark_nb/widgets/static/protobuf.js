// The protobuf wire format without a schema (protobuf.dev/programming-guides/encoding). Pure functions.
import { looksBinary, utf8 } from "./bytes.js";

const DEEPEST = 8;
const GRPC_PREFIX = 5; // compressed flag and length

function varint(bytes, at) {
  let value = 0n;
  for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
    const byte = bytes[at++];
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
  throw new RangeError("varint cut off");
}

function littleEndian(bytes, at, width) {
  if (at + width > bytes.length) throw new RangeError("number cut off");
  let value = 0n;
  for (let place = width - 1; place >= 0; place -= 1) value = (value << 8n) | BigInt(bytes[at + place]);
  return [`0x${value.toString(16).padStart(width * 2, "0")}`, at + width];
}

function lengthDelimited(bytes, at, depth) {
  const [length, start] = varint(bytes, at);
  const end = start + Number(length);
  if (end > bytes.length) throw new RangeError("field cut off");
  return [meaning(bytes.subarray(start, end), depth), end];
}

function meaning(part, depth) {
  const text = utf8(part);
  if (text !== null && !looksBinary(text)) return text;
  const inner = depth < DEEPEST ? protobuf(part, depth + 1) : null;
  return inner ?? [...part].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

const WIRE = {
  0: (bytes, at) => varint(bytes, at).map((value, place) => (place ? value : String(value))),
  1: (bytes, at) => littleEndian(bytes, at, 8),
  2: lengthDelimited,
  5: (bytes, at) => littleEndian(bytes, at, 4),
};

/** Fields of a message as { "1": value, … } (repeated fields become arrays), or null when `bytes` is not one. */
export function protobuf(bytes, depth = 0) {
  const fields = {};
  try {
    for (let at = 0; at < bytes.length; ) {
      const [key, next] = varint(bytes, at);
      const read = WIRE[Number(key & 7n)];
      if (!read || key < 8n) return null;
      const number = String(key >> 3n);
      const [value, end] = read(bytes, next, depth);
      fields[number] = number in fields ? [fields[number], value].flat() : value;
      at = end;
    }
  } catch {
    return null;
  }
  return Object.keys(fields).length ? fields : null;
}

/** The messages of a gRPC body (length-prefixed protobuf), or null. */
export function grpcMessages(bytes) {
  const messages = [];
  for (let at = 0; at + GRPC_PREFIX <= bytes.length; ) {
    const length = ((bytes[at + 1] << 24) | (bytes[at + 2] << 16) | (bytes[at + 3] << 8) | bytes[at + 4]) >>> 0;
    const end = at + GRPC_PREFIX + length;
    if (bytes[at] > 1 || end > bytes.length) return null;
    messages.push(length ? protobuf(bytes.subarray(at + GRPC_PREFIX, end)) : {});
    at = end;
  }
  return messages.length && messages.every(Boolean) ? messages : null;
}
