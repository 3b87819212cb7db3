// Building KFL from what the user clicks. Pure functions.

/** `value` as a KFL literal: strings quoted, the rest as it is. */
export function literal(value) {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return `"${String(value).replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;
}

/** A selector from path steps: ["request", "headers", "User-Agent"] -> request.headers["User-Agent"]. */
export function selector(steps) {
  return steps.map((step, at) => {
    if (typeof step === "number") return `[${step}]`;
    if (/^[A-Za-z_]\w*$/.test(step)) return at ? `.${step}` : step;
    return `[${literal(step)}]`;
  }).join("");
}

/** `selector == value`. */
export function equals(steps, value) {
  return `${selector(steps)} == ${literal(value)}`;
}

/** `term` added to `query` with `and`; the same term is not added twice. */
export function addTerm(query, term) {
  const old = query.trim();
  if (!old) return term;
  if (old === term || old.endsWith(` and ${term}`)) return old;
  return `${/\bor\b/.test(old) ? `(${old})` : old} and ${term}`;
}

const TOKENS = [
  ["string", /^r?"(?:[^"\\]|\\.)*"?|^'(?:[^'\\]|\\.)*'?/],
  ["keyword", /^(?:and|or|not|in|true|false|null|nil)\b/],
  ["macro", /^(?:https?|http2|grpc|gql|dns|amqp|kafka|redis|tcp|udp|icmp|tls|ws|ldap|radius|diameter|error)\b(?!\s*[.(])/],
  ["call", /^\w+(?=\s*\()/],
  ["number", /^\d+(?:\.\d+)?\b/],
  ["name", /^[A-Za-z_]\w*/],
  ["operator", /^(?:[=!<>]=|&&|\|\||[<>!+\-*/%])/],
  ["plain", /^(?:\s+|.)/s],
];

/** [[kind, text], …] covering `query` completely, for colouring. */
export function tokens(query) {
  const found = [];
  let rest = query;
  while (rest) {
    const [kind, pattern] = TOKENS.find(([, candidate]) => candidate.test(rest));
    const [text] = rest.match(pattern);
    found.push([kind, text]);
    rest = rest.slice(text.length);
  }
  return found;
}

const WORDS = [
  "http", "http2", "grpc", "gql", "dns", "redis", "kafka", "amqp", "tls", "and", "or", "true", "false",
  "request.method", "request.path", "request.url", "request.headers", "request.cookies", "request.queryString", "request.postData.text",
  "request.questions[0].name", "request.questions[0].type", "request.command", "request.key",
  "response.status", "response.statusText", "response.headers", "response.content.mimeType", "response.content.text", "response.code",
  "src.name", "src.ip", "src.port", "src.namespace", "dst.name", "dst.ip", "dst.port", "dst.namespace",
  "protocol.name", "protocol.abbr", "node.name", "node.ip", "namespace", "timestamp", "elapsedTime", "requestSize", "responseSize",
  "stream", "index", "outgoing", "passed", "failed", "error.type", "datetime(\"\")", "now()", "startsWith(\"\")", "endsWith(\"\")", "contains(\"\")", "limit(100)",
];

/** Completions of the word that ends at `caret`: { from, options } (at most 12 options). */
export function complete(query, caret) {
  const word = query.slice(0, caret).match(/[A-Za-z_][\w.[\]]*$/)?.[0] ?? "";
  if (!word) return { from: caret, options: [] };
  const lower = word.toLowerCase();
  const options = WORDS.filter((candidate) => candidate.toLowerCase().startsWith(lower) && candidate !== word);
  return { from: caret - word.length, options: options.slice(0, 12) };
}
