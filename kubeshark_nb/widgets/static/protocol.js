// How a protocol and a status look: Kubeshark's colours (table of protocol descriptors).

const BADGES = {
  "HTTP": ["#326de6", 12],
  "HTTP/2": ["#244c5a", 11],
  "gRPC": ["#244c5a", 11],
  "GQL": ["#e10098", 12],
  "WS": ["#ff6e5a", 12],
  "AMQP": ["#ff6600", 12],
  "KAFKA": ["#000000", 11],
  "REDIS": ["#a41e11", 11],
  "DNS": ["#606060", 12],
  "ICMPv4": ["#4b6b2f", 10],
  "ICMPv6": ["#4b6b2f", 10],
  "TLS": ["#8e44ad", 12],
  "TLSX": ["#8e44ad", 12],
  "TCP": ["#5f6b7a", 12],
  "UDP": ["#5f6b7a", 12],
  "SCTP": ["#5f6b7a", 11],
  "LDAP": ["#9d7b12", 12],
  "RADIUS": ["#7a4a2b", 10],
  "DIAMETER": ["#37474f", 9],
};
const OTHER = ["#6b6b80", 11];
const HTTP_FAMILY = new Set(["HTTP", "HTTP/2", "gRPC", "GQL"]);

/** Background colour and font size of the badge of protocol `abbr`. */
export function badge(abbr) {
  const [background, fontSize] = BADGES[abbr] ?? OTHER;
  return { background, fontSize };
}

/** "good" for 200–399, "bad" from 400, "none" otherwise. */
export function statusKind(status) {
  if (status >= 400) return "bad";
  return status >= 200 ? "good" : "none";
}

/** The row shows a status for the HTTP family and wherever it is not 0. */
export function showsStatus(abbr, status) {
  return HTTP_FAMILY.has(abbr) || Boolean(status);
}

/** "failed", "passed" or "": when a script said both, failed wins. */
export function verdict(row) {
  if (row.failed) return "failed";
  return row.passed ? "passed" : "";
}
