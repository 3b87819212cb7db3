// What this browser remembers of how a person likes things: never anything that was captured.

const PREFIX = "kubeshark-nb:";

/** Keeps `value` (JSON) under `name` for every notebook in this browser, where pages may keep things at all. */
export function remember(name, value) {
  try {
    window.localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // a sandboxed page: the choice holds as long as the widget does
  }
}

/** What was kept under `name`, or null. */
export function recall(name) {
  try {
    return JSON.parse(window.localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}
