// Questions to the kernel and its answers, over the widget's own comm.

/**
 * `ask(kind, body)` of the returned object resolves with the kernel's answer or rejects with its error. It waits as long
 * as it takes: a kernel that is busy with a cell may answer only when the cell has ended.
 */
export function connect(model) {
  const waiting = new Map();
  let last = 0;

  function receive(message) {
    const promise = waiting.get(message.id);
    if (!promise) return;
    waiting.delete(message.id);
    if ("error" in message) promise.reject(Object.assign(new Error(message.error), message));
    else promise.resolve(message.answer);
  }

  function ask(kind, body = {}) {
    const id = ++last;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      model.send({ ...body, ask: kind, id });
    });
  }

  function close() {
    model.off("msg:custom", receive);
    waiting.clear();
  }

  model.on("msg:custom", receive);
  return { ask, close };
}

/** Calls `receive(message)` for every message of the push-only feed widget named in the trait `feed`; returns a stop function. */
export function follow(model, receive) {
  const reference = model.get("feed");
  if (!reference) return () => {};
  let feed = null;
  let stopped = false;
  model.widget_manager.get_model(reference.replace("IPY_MODEL_", "")).then(
    (found) => {
      if (stopped) return;
      feed = found;
      feed.on("msg:custom", receive);
    },
    () => {}, // a saved notebook without a kernel: there is no feed, and nothing will change
  );
  return () => {
    stopped = true;
    feed?.off("msg:custom", receive);
  };
}
