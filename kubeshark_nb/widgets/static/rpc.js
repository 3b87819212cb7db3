// Questions to the kernel and its answers, over the widget's own comm.

const LOOK_MS = 150; // between two looks at work that goes on in the kernel
const LATE_MS = 6000; // after which a question without an answer is mentioned
const PROBES_MS = [300, 3000]; // when a kernel that the notebook says it lost is tried

/**
 * `ask(kind, body, onBusy)` of the returned object resolves with the kernel's answer or rejects with its error. It waits
 * as long as it takes: a kernel that is busy with a cell may answer only when the cell has ended. While the kernel
 * works on the answer, `onBusy({ done, total, cancel })` is called now and then; `cancel()` stops the work early.
 * `say("late")`, `say("gone")` and `say("")` tell when answers stay away, never come again, and come again.
 */
export function connect(model, say = () => {}) {
  const waiting = new Map();
  let overdue = 0;
  let last = Math.floor(Math.random() * 2 ** 31) * 2 ** 20; // views of one model hear each other's answers

  function receive(message) {
    const promise = waiting.get(message.id);
    if (!promise) return;
    waiting.delete(message.id);
    expect();
    if ("error" in message) promise.reject(Object.assign(new Error(message.error), message));
    else promise.resolve(message);
  }

  function once(kind, body) {
    const id = ++last;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      expect();
      reach({ ...body, ask: kind, id });
    });
  }

  // Sends `message`; a notebook that has lost the kernel refuses to.
  function reach(message) {
    try {
      model.send(message);
    } catch (fault) {
      clearTimeout(overdue);
      say("gone");
      throw fault;
    }
  }

  function expect() {
    clearTimeout(overdue);
    if (waiting.size) overdue = setTimeout(() => say("late"), LATE_MS);
    else say("");
  }

  function probe() {
    PROBES_MS.forEach((after) => setTimeout(() => {
      try {
        reach({ ask: "here", id: 0 });
      } catch {
        // said
      }
    }, after));
  }

  async function ask(kind, body = {}, onBusy = () => {}) {
    let reply = await once(kind, body);
    while (reply.busy) {
      const errand = reply.busy;
      onBusy({ done: reply.done, total: reply.total, cancel: () => model.send({ ask: "cancel", id: 0, errand }) });
      await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
      reply = await once("look", { errand });
    }
    return reply.answer;
  }

  function close() {
    model.off("msg:custom", receive);
    model.off("comm_live_update", probe);
    waiting.clear();
    clearTimeout(overdue);
  }

  model.on("msg:custom", receive);
  model.on("comm_live_update", probe); // where nobody tells so, the next question finds out
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
