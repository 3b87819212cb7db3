// An item's request or response as titled tables and one body, the way Kubeshark's detail pane divides them. Pure.

const HTTP_BODY = { request: "postData", response: "content" };
const LATER = new Set(["headers", "cookies", "queryString", "pathSegments", "postData", "content"]);
const TITLES = { headers: "Headers", cookies: "Cookies", queryString: "Query string", pathSegments: "Path segments", questions: "Question", answers: "Answer", authorities: "Authority", additionals: "Additional", topics: "Topic", properties: "Properties", payload: "Payload" };

const isObject = (value) => value !== null && typeof value === "object";
const entries = (value) => (Array.isArray(value) ? value.map((item, at) => [at, item]) : Object.entries(value));

function words(name) {
  const text = String(name).replace(/([a-z0-9])([A-Z])/g, "$1 $2");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function rowsOf(value, steps) {
  return entries(value)
    .map(([name, inner]) => ({ name: String(name), value: inner, steps: [...steps, name] }))
    .filter((row) => row.value !== "" && row.value !== null)
    .sort((a, b) => (Array.isArray(value) ? 0 : a.name.localeCompare(b.name)));
}

function listSections(name, list, steps) {
  const title = TITLES[name] ?? words(name);
  if (!list.every(isObject)) return [{ title, rows: rowsOf(list, steps) }];
  return list.map((inner, at) => ({ title: `${title} [${at}]`, rows: rowsOf(inner, [...steps, at]) }));
}

function nested(name, value, steps) {
  if (!isObject(value) || Object.keys(value).length === 0) return [];
  if (Array.isArray(value)) return listSections(name, value, steps);
  return [{ title: TITLES[name] ?? words(name), rows: rowsOf(value, steps) }];
}

function details(part, side) {
  const rows = rowsOf(part, [side]).filter((row) => !isObject(row.value) && row.name !== "body" && row.value !== -1);
  return rows.length ? [{ title: "Details", rows }] : [];
}

function bodyOf(part, side) {
  if (typeof part.body === "string" && part.body) return { text: part.body, encoding: "base64", mimeType: part.properties?.contentType ?? "", steps: [side, "body"] };
  const holder = part[HTTP_BODY[side]];
  if (!holder) return null;
  if (holder.params?.length) return { form: holder.params.map(({ name, value }) => [name, value]), mimeType: holder.mimeType, steps: [side, HTTP_BODY[side], "params"] };
  if (!holder.text) return null;
  return { text: holder.text, encoding: holder.encoding ?? "", mimeType: holder.mimeType ?? "", size: holder.size, steps: [side, HTTP_BODY[side], "text"] };
}

/** `{ tables: [{ title, rows: [{ name, value, steps }] }], body }` of `item[side]`; null when the item has none. */
export function sections(item, side) {
  const part = item[side];
  if (!isObject(part) || Object.keys(part).length === 0) return null;
  const first = ["headers", "cookies", "queryString", "pathSegments"].flatMap((name) => nested(name, part[name], [side, name]));
  const rest = Object.entries(part).filter(([name]) => !LATER.has(name)).flatMap(([name, value]) => nested(name, value, [side, name]));
  return { tables: [...details(part, side), ...first, ...rest], body: bodyOf(part, side) };
}

/** Where the item came from and how long it took: rows of the "About" table. */
export function about(item) {
  const peer = (side) => [
    { name: `${side} name`, value: item[side]?.name, steps: [side, "name"] },
    { name: `${side} ip`, value: item[side]?.ip, steps: [side, "ip"] },
    { name: `${side} port`, value: item[side]?.port, steps: [side, "port"] },
    { name: `${side} namespace`, value: item[side]?.namespace, steps: [side, "namespace"] },
    { name: `${side} pod`, value: item[side]?.pod?.name, steps: [side, "pod", "name"] },
    { name: `${side} process`, value: item[side]?.processName, steps: [side, "processName"] },
  ];
  const own = ["startTime", "elapsedTime", "requestSize", "responseSize", "tls", "outgoing", "stream", "index", "worker"].map((name) => ({ name: words(name), value: item[name], steps: [name] }));
  const rows = [...peer("src"), ...peer("dst"), ...own, { name: "Node", value: item.node?.name, steps: ["node", "name"] }, { name: "Error", value: item.error?.type && `${item.error.type}: ${item.error.msg}`, steps: null }];
  return rows.filter(({ value }) => value !== undefined && value !== null && value !== "" && value !== 0);
}
