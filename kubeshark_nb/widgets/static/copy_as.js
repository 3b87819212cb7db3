// An item as a command or a program that repeats its request. Pure functions; every value is quoted for its language.
import { literal } from "./kfl_text.js";
import { readBody } from "./body.js";

const SKIPPED = /^(?:host|content-length|connection|transfer-encoding|:.*)$/i;

function shellQuoted(text) {
  return `'${String(text).replace(/'/g, "'\\''")}'`;
}

function pythonQuoted(text) {
  return JSON.stringify(String(text)).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/\\ud([89ab]..)\\ud([c-f]..)/g, (pair) => `\\U${JSON.parse(`"${pair}"`).codePointAt(0).toString(16).padStart(8, "0")}`);
}

function requestParts(item) {
  const request = item.request ?? {};
  const headers = Object.entries(request.headers ?? {});
  const host = headers.find(([name]) => /^(?:host|:authority)$/i.test(name))?.[1] || `${item.dst?.ip}:${item.dst?.port}`;
  const scheme = item.tls ? "https" : "http";
  const target = request.url ?? request.path ?? "/";
  const url = /^https?:\/\//.test(target) ? target : `${scheme}://${host}${target}`;
  const post = request.postData ?? {};
  const body = post.params?.length ? post.params.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&") : readBody(post.text, post.encoding, post.mimeType).raw;
  return { method: request.method ?? "GET", url, headers: headers.filter(([name]) => !SKIPPED.test(name)), body };
}

/** True for items whose request can be repeated with an HTTP client. */
export function isHttp(item) {
  return item.protocol?.name === "http";
}

/** A curl command for a POSIX shell. */
export function asCurl(item) {
  const { method, url, headers, body } = requestParts(item);
  const parts = [`curl -X ${shellQuoted(method)} ${shellQuoted(url)}`];
  headers.forEach(([name, value]) => parts.push(`-H ${shellQuoted(`${name}: ${value}`)}`));
  if (body) parts.push(`--data-raw ${shellQuoted(body)}`);
  return parts.join(" \\\n  ");
}

/** A Python program with `requests`. */
export function asPython(item) {
  const { method, url, headers, body } = requestParts(item);
  const lines = ["import requests", "", "response = requests.request(", `    ${pythonQuoted(method)},`, `    ${pythonQuoted(url)},`];
  if (headers.length) lines.push("    headers={", ...headers.map(([name, value]) => `        ${pythonQuoted(name)}: ${pythonQuoted(value)},`), "    },");
  if (body) lines.push(`    data=${pythonQuoted(body)}.encode(),`);
  return [...lines, "    timeout=30,", ")", "print(response.status_code, response.text)"].join("\n");
}

/** A KFL query that finds this item and its like. */
export function asKfl(item) {
  const terms = [`protocol.abbr == ${literal(item.protocol?.abbr ?? "")}`];
  if (item.request?.method) terms.push(`request.method == ${literal(item.request.method)}`);
  if (item.request?.path) terms.push(`request.path == ${literal(item.request.path)}`);
  if (item.request?.questions?.[0]) terms.push(`request.questions[0].name == ${literal(item.request.questions[0].name)}`);
  if (item.response?.status) terms.push(`response.status == ${item.response.status}`);
  return terms.join(" and ");
}
