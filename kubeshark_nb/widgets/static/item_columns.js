// The columns of the item table, left to right as in Kubeshark's list.
import { el } from "./dom.js";
import { badge, showsStatus, statusKind, verdict } from "./protocol.js";
import { clock, duration, longTime, oneLine, size } from "./text.js";

const MARKS = { passed: ["✓", "passed"], failed: ["✗", "failed"], "": ["", ""] };

function mark(row) {
  const [sign, word] = MARKS[verdict(row)];
  return sign && el("span", { className: "ks-mark", title: word, "aria-label": word }, sign);
}

/** The coloured tag of a protocol. */
export function protocolBadge(abbr) {
  const { background, fontSize } = badge(abbr);
  return el("span", { className: "ks-badge", style: { background, fontSize: `${fontSize - 1}px` } }, oneLine(abbr));
}

/** The coloured tag of a status code, or nothing where the protocol has none. */
export function statusBadge(row) {
  if (!showsStatus(row.protocol, row.status)) return null;
  return el("span", `ks-status ks-status-${statusKind(row.status)}`, row.status ? String(row.status) : "—");
}

function summary(row) {
  const lock = row.tls && el("span", { className: "ks-lock", title: "decrypted TLS", "aria-label": "decrypted TLS" }, "🔒");
  const text = oneLine(row.path);
  const error = row.error && el("span", "ks-error-tag", oneLine(row.error));
  return [lock, el("span", { className: "ks-path", title: text }, text), error];
}

function name(row, side) {
  const text = oneLine(row[`${side}_name`]);
  return text ? el("span", { className: "ks-name", title: text }, text) : el("span", "ks-unresolved", oneLine(row[`${side}_ip`]) || "[Unresolved]");
}

function between(row) {
  return [name(row, "src"), el("span", { className: "ks-arrow", "aria-label": "to" }, "⇄"), name(row, "dst")];
}

/** Fresh column descriptions (a grid keeps widths in them). */
export function itemColumns() {
  return [
    { key: "verdict", title: "", hint: "Passed or failed", width: 30, align: "centre", draw: mark },
    { key: "protocol", title: "Proto", width: 70, sort: "protocol", draw: (row) => protocolBadge(row.protocol) },
    { key: "status", title: "Status", width: 62, align: "centre", sort: "status", draw: statusBadge },
    { key: "method", title: "Method", width: 74, sort: "method", draw: (row) => el("span", "ks-method", oneLine(row.method)) },
    { key: "path", title: "Summary", width: 140, grow: 2, sort: "path", draw: summary },
    { key: "between", title: "Source ⇄ destination", width: 200, grow: 2, sort: "src_name", draw: between },
    { key: "time", title: "Time", hint: "UTC", width: 104, sort: "time_ns", draw: (row) => el("span", { title: longTime(row.time_ns) }, clock(row.time_ns)) },
    { key: "elapsed", title: "Elapsed", width: 80, align: "right", sort: "elapsed_us", draw: (row) => duration(row.elapsed_us) },
    { key: "src", title: "Source address", width: 150, optional: true, sort: "src_ip", draw: (row) => oneLine(`${row.src_ip}:${row.src_port}`) },
    { key: "dst", title: "Destination address", width: 150, optional: true, sort: "dst_ip", draw: (row) => oneLine(`${row.dst_ip}:${row.dst_port}`) },
    { key: "namespace", title: "Namespace", width: 110, optional: true, sort: "dst_namespace", draw: (row) => oneLine(row.dst_namespace || row.src_namespace) },
    { key: "size", title: "Size", width: 80, optional: true, align: "right", sort: "response_size", draw: (row) => size((row.request_size || 0) + (row.response_size || 0)) },
    { key: "node", title: "Node", width: 100, optional: true, sort: "node", draw: (row) => oneLine(row.node) },
    { key: "stream", title: "Stream", width: 170, optional: true, sort: "stream", draw: (row) => oneLine(`${row.stream} #${row.index}`) },
  ];
}
