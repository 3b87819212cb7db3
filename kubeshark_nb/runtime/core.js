// The part of the runtime that lives in the interpreter: the pump, the clock, the console buffer and the scripts;
// `makeViews` is views.js.
// Everything a script could replace (JSON, Error, Array.prototype...) is taken here before any script runs, and the
// only way from JavaScript to Python, `native`, never leaves this closure.
//
// Python starts one long evaluation, `pump()`, which pulls batches of events until it gets `null`. What happened
// (console records, verdicts, errors) rides back in the next pull. A record is three values in a row:
//   origin, event number in the batch, text
// where an origin is the number of a [level, script id, hook, stack] that has been sent (level "!": an uncaught error),
// or, the first time, that array itself: the next number is then its own.
(function (native, makeViews) {
  var G = globalThis, Str = String, Err = Error, RealDate = Date, Obj = Object, same = Object.is;
  var apply = Reflect.apply, construct = Reflect.construct, get = Reflect.get, defined = Reflect.defineProperty, capture = Error.captureStackTrace;
  var parse = JSON.parse, stringify = JSON.stringify, isArray = Array.isArray;
  var define = Object.defineProperty, setPrototype = Object.setPrototypeOf, own = Object.getOwnPropertyDescriptor;
  var names = Object.getOwnPropertyNames, hasOwn = Object.hasOwn, floor = Math.floor, clz = Math.clz32;
  var slice = String.prototype.slice, upper = String.prototype.toUpperCase, lower = String.prototype.toLowerCase;
  var charAt = String.prototype.charAt, iso = Date.prototype.toISOString, dateText = Date.prototype.toString;
  var tick = performance.now.bind(performance);
  var LINES = 256, CHARS = 1 << 20, LONGEST = 1 << 16; // a flush, a flush, the longest console text
  var REARM = 40; // ms after which a batch ends so that the next hook gets its whole time limit

  // The collector runs whenever the heap has grown by half. With this ballast (never touched, so no real memory) a few
  // batches of items are no reason to run it: they are freed by reference counts anyway.
  var Buffer = ArrayBuffer, ballast = new ArrayBuffer(8 << 20);

  var time = 0, live = false; // the node's clock, ms
  var out = [], filled = 0, chars = 0; // records for the next pull
  var event = 0, verdicts = "", flags = 0, answers = [], failure = null; // where the batch is and what it gave
  var running = -1, hook = "", halt = false, mended = false, skip = 0, started = 0;
  function table() { return Obj.create(null); } // what a script puts on Object.prototype is not in it
  var scripts = table(), listeners = table(), globals = table(), kept = table(), profiles = table();
  var namespaces = [], lastKept = 0;

  // ---- clock and chance -------------------------------------------------------------------------------------
  function present() { return live ? RealDate.now() : floor(time); }
  function VirtualDate() {
    if (!new.target) return apply(dateText, new RealDate(present()), []);
    if (!arguments.length) return construct(RealDate, [present()], new.target);
    return construct(RealDate, arguments, new.target);
  }
  define(VirtualDate, "name", { value: "Date" });
  define(VirtualDate, "length", { value: 7 });
  define(VirtualDate, "prototype", { value: RealDate.prototype, writable: false });
  define(VirtualDate, "now", { value: function now() { return present(); }, writable: true, configurable: true });
  define(VirtualDate, "UTC", own(RealDate, "UTC"));
  define(VirtualDate, "parse", own(RealDate, "parse"));
  define(RealDate.prototype, "constructor", { value: VirtualDate, writable: true, configurable: true });
  G.Date = VirtualDate;

  var seed = [1, 2, 3, 4];
  function random() { // sfc32: small, fast, and the same on every machine
    var a = seed[0] | 0, b = seed[1] | 0, c = seed[2] | 0, d = seed[3] | 0, t = (a + b | 0) + d | 0;
    seed[3] = d + 1 | 0; seed[0] = b ^ b >>> 9; seed[1] = c + (c << 3) | 0;
    c = c << 21 | c >>> 11; seed[2] = c + t | 0;
    return (t >>> 0) / 4294967296;
  }
  define(Math, "random", { value: function () { return random(); }, writable: true, configurable: true });
  G.performance = { now: function now() { return live ? tick() : time - beginning; } };
  var beginning = 0;

  // ---- console ----------------------------------------------------------------------------------------------
  var holder = {};
  function trace(top) { // the one stack line that called `top`
    Err.stackTraceLimit = 1;
    capture(holder, top);
    Err.stackTraceLimit = 10;
    return holder.stack;
  }
  // One chain of origins per stack. Lines mostly come from where the one before came from, or the one before that.
  var origins = table(), lastOrigin = 0, recent = null, before = null;
  function known(o, level, script, stack) { return o.stack === stack && o.level === level && o.script === script && o.hook === hook; }
  function origin(level, script, stack) {
    if (recent !== null && known(recent, level, script, stack)) return recent.number;
    if (before !== null && known(before, level, script, stack)) return swap(before);
    for (var o = origins[stack]; o; o = o.next) if (known(o, level, script, stack)) return swap(o);
    swap(origins[stack] = { level: level, script: script, hook: hook, stack: stack, number: lastOrigin++, next: origins[stack] });
    return [level, script, hook, stack];
  }
  function swap(o) {
    before = recent; recent = o;
    return o.number;
  }
  function record(level, script, stack, text) {
    if (text.length > LONGEST) {
      text = apply(slice, text, [0, LONGEST]) + "… (" + (text.length - LONGEST) + " more characters)";
    }
    out[filled] = origin(level, script, stack); out[filled + 1] = event; out[filled + 2] = text;
    filled += 3; chars += text.length;
    if (filled >= LINES * 3 || chars > CHARS) flush();
  }
  function flush() { obey(native("flush", taken())); }
  function taken() {
    var records = out;
    out = []; filled = 0; chars = 0;
    return records;
  }
  function textOf(value) {
    if (typeof value === "string") return value;
    if (typeof value === "object" && value !== null && Obj.getPrototypeOf(value) === null) return "[object Object]";
    return Str(value);
  }
  function print(level, script, values, top) {
    var text = "";
    for (var i = 0; i < values.length; i++) text += i ? " " + textOf(values[i]) : textOf(values[i]);
    record(level, script, trace(top), text);
  }

  // ---- the way to Python ------------------------------------------------------------------------------------
  function obey(reply) {
    // A stop must not be caught by a script's try: wait here, the next tick of the time limit ends the evaluation.
    var status = reply[0];
    while (status === STOP) {}
    if (status === ERROR) throw new Err(reply[1]);
    if (status === HALT) halt = true;
    return reply[1];
  }
  function ask(name, script, top, values) {
    var stack = trace(top), records = out;
    var reply = native(name, records, script, event, hook, stack, values); // throws when values have no JSON form
    if (records === out) taken();
    var value = obey(reply);
    return value === null ? undefined : value; // what gives nothing in Python gives undefined here
  }
  var views = makeViews(function (event) { return obey(native("document", [], event)); });
  var OK = 0, ERROR = 1, STOP = 2, HALT = 3; // HALT: the order of events has changed, the batch ends after this one
  var CONVERT = {
    s: function (value) { return Str(value); },
    S: function (value) { return value === undefined || value === null ? null : Str(value); },
    n: function (value) { value = +value; return value === value ? value : null; },
    b: function (value) { return !!value; },
    o: function (value) { return value === undefined ? null : value; },
    t: function (value) { // text; what is an object or array as JSON
      if (value === undefined || value === null) return "";
      return typeof value === "object" ? stringify(value) : Str(value);
    },
  };
  function stub(name, signature, script) {
    // One letter per argument (see helpers/export.py); "*" passes whatever is left as it is.
    function helper() {
      var values = [], given = arguments.length;
      for (var i = 0; i < signature.length; i++) {
        if (signature[i] === "*") {
          for (; i < given; i++) values[values.length] = arguments[i] === undefined ? null : arguments[i];
          break;
        }
        values[values.length] = CONVERT[signature[i]](arguments[i]);
      }
      return ask(name, script, helper, values);
    }
    return helper;
  }
  function keep(task, values) { // a function Python refers to by number: a job's task, a timer
    kept[++lastKept] = { task: task, values: values };
    return lastKept;
  }
  function toolkit(script) {
    return {
      script: script, keep: keep, apply: apply, string: Str, define: define, isArray: isArray, stringify: stringify, Date: VirtualDate,
      print: function (level, values, top) { print(level, script, values, top); },
      ask: function (name, top, values) { return ask(name, script, top, values); },
      restOf: function (values, from) { var rest = []; for (var i = from; i < values.length; i++) rest[i - from] = values[i]; return rest; },
    };
  }
  function outfit(script, env) { // every script gets its own helper objects: what it replaces in them stays its own
    var made = { env: env }, kit = toolkit(script);
    for (var i = 0; i < namespaces.length; i++) {
      var space = namespaces[i];
      if (space.make) { space.make(made, kit); continue; }
      var at = made, path = space.path;
      for (var j = 0; j < path.length - 1; j++) at = at[path[j]] || (at[path[j]] = {});
      at[path[j]] = stub(space.name, space.signature, script);
    }
    return made;
  }

  // ---- errors -----------------------------------------------------------------------------------------------
  function describe(thrown) {
    try { return Str(thrown); } catch (_) { return "an error that cannot be shown"; }
  }
  function stackOf(thrown) {
    try { return typeof thrown === "object" && thrown !== null && typeof thrown.stack === "string" ? thrown.stack : ""; } catch (_) { return ""; }
  }
  function failed(script, thrown) {
    if (exhausted(thrown)) {
      ballast = null; // room to report it
      halt = true; // Python replaces the interpreter
      record("!", script, stackOf(thrown), failure = "InternalError: out of memory");
    } else record("!", script, stackOf(thrown), failure = describe(thrown));
    mend(script);
  }
  function mend(script) { // perhaps it threw because of what a script has done to the language: the others go on without that
    if (mended) return;
    mended = true;
    var undone = restore();
    if (!undone) return;
    halt = true; // one look per batch is enough, unless there was something
    record("warning", script, "", "restored what a script had replaced in the language: " + undone);
  }
  function exhausted(thrown) { // without memory for an error object the engine throws null, without some for its text none
    var text = describe(thrown);
    if (thrown !== null && text !== "InternalError" && apply(slice, text, [0, 28]) !== "InternalError: out of memory") return false;
    try { new Buffer(4 << 20); return thrown !== null; } catch (_) { return true; }
  }

  // ---- items ------------------------------------------------------------------------------------------------
  // data.Request.Path means data.request.path: names in Go's spelling are looked up only when the plain one is missing.
  var alias = new Proxy(Obj.create(null), {
    get: function (_, key, item) {
      var first = typeof key === "string" ? apply(charAt, key, [0]) : "";
      if (first === "" || first === apply(lower, first, []) && key !== "pcapFile") return get(Obj.prototype, key, item);
      var plain = key === "pcapFile" ? "stream" : apply(lower, first, []) + apply(slice, key, [1]);
      if (!hasOwn(item, plain)) plain = apply(lower, key, []);
      return hasOwn(item, plain) ? spelled(item[plain]) : get(Obj.prototype, key, item);
    },
    has: function (_, key) { return key in Obj.prototype; },
    set: function (_, key, value, item) {
      return defined(item, key, { __proto__: null, value: value, writable: true, enumerable: true, configurable: true });
    },
    getPrototypeOf: function () { return Obj.prototype; },
  });
  function spelled(value) {
    if (typeof value !== "object" || value === null) return value;
    if (!isArray(value)) return Obj.getPrototypeOf(value) === Obj.prototype ? setPrototype(value, alias) : value;
    for (var i = 0; i < value.length; i++) spelled(value[i]);
    return value;
  }
  function judged(item) {
    try { return (item.passed ? 1 : 0) | (item.failed ? 2 : 0); } catch (_) { return 0; }
  }
  function stamp(base, offset) { // RFC 3339 with as many digits as needed
    var seconds = floor(offset / 1e9), rest = offset - seconds * 1e9;
    var text = apply(slice, apply(iso, new RealDate((base + seconds) * 1000), []), [0, 19]);
    if (!rest) return text + "Z";
    var digits = apply(slice, Str(1e9 + rest), [1]), end = 9;
    while (digits[end - 1] === "0") end--;
    return text + "." + apply(slice, digits, [0, end]) + "Z";
  }
  function packet(base, offset, captured, length, fragmented) {
    return {
      get timestamp() { return stamp(base, offset); }, captureLength: captured, length: length,
      truncated: captured < length, fragmented: fragmented,
    };
  }

  // ---- hooks ------------------------------------------------------------------------------------------------
  // A histogram with four steps per octave of 0.1 µs, kept per script and hook; see runtime/profile.py.
  function profileOf(script, name) {
    var key = script + "/" + name;
    return profiles[key] || (profiles[key] = { script: script, hook: name, calls: 0, total: 0, errors: 0, slowest: 0, time: 0, steps: new Uint32Array(160) });
  }
  function measured(p, spent) {
    var units = spent * 10000, whole = units > 4294967295 ? 4294967295 : units >>> 0, log = whole < 4 ? 2 : 31 - clz(whole);
    p.steps[whole < 4 ? whole : (log - 1) * 4 + (whole >>> log - 2 & 3)]++;
    p.calls++; p.total += spent;
    if (spent > p.slowest) { p.slowest = spent; p.time = time; }
  }
  function timed(script, name, f, values, p) { // any function of a script; the hot hooks have `run`
    running = script; hook = name;
    var before = tick();
    try { apply(f, undefined, values); } catch (thrown) { failed(script, thrown); p.errors++; }
    measured(p, tick() - before);
    running = -1;
  }
  function run(entry, name, first, second) { // one hook of one script; gives what it returned
    var f = entry.hooks[name](), p = entry.profiles[name], result;
    if (f === undefined) return undefined;
    running = entry.id;
    hook = name;
    var before = tick();
    try { result = f(first, second); } catch (thrown) { failed(entry.id, thrown); p.errors++; }
    var after = tick();
    running = -1;
    measured(p, after - before);
    if (after - started > REARM) halt = true;
    return result;
  }
  function play(batch) {
    // batch.runs: how many packets, items, packets, items ... follow one another.
    var runs = batch.runs, on = listeners.onPacketCaptured, items = listeners.onItemCaptured;
    var base = batch.base, offsets = batch.offsets, captured = batch.captured, lengths = batch.lengths, fragments = batch.fragments;
    var documents = batch.documents, times = batch.times, p = 0, d = 0, width = items.length;
    for (var r = 0; r < runs.length; r += 2) {
      for (var n = runs[r]; n > 0; n--, p++) {
        time = base * 1000 + offsets[p] / 1e6;
        for (var s = skip; s < on.length; s++) {
          skip = s + 1;
          run(on[s], "onPacketCaptured", packet(base, offsets[p], captured[p], lengths[p], fragments[p]));
        }
        skip = 0; event++;
        if (halt) return;
      }
      for (n = runs[r + 1]; n > 0; n--, d++) {
        time = times[d];
        if (!skip) flags = 0;
        for (s = skip; s < width; s++) {
          skip = s + 1;
          flags |= judge(items[s], documents, d * width + s, batch.shape);
        }
        verdicts += flags;
        skip = 0; event++;
        if (halt) return;
      }
    }
  }
  function judge(entry, documents, at, shape) { // what a script makes of its copy of an item
    var item = setPrototype(documents[at], alias);
    documents[at] = null;
    run(entry, "onItemCaptured", shape === null ? item : views.view(item, shape, event));
    var given = judged(item);
    item = null;
    if (shape !== null) views.settle();
    return given;
  }
  function query(batch) {
    var on = listeners.onItemQueried, width = on.length, documents = batch.documents;
    time = batch.time;
    for (var d = 0; d * width < documents.length; d++) {
      var answer = null;
      for (var s = 0; s < width; s++) {
        if (skip > s) continue;
        skip = s + 1;
        var item = answer === null ? setPrototype(documents[d * width + s], alias) : answer;
        var result = run(on[s], "onItemQueried", item, batch.query);
        if (typeof result === "object" && result !== null && !isArray(result)) answer = result;
      }
      skip = 0;
      try { answers[answers.length] = answer === null ? null : stringify(answer); } catch (thrown) { answers[answers.length] = null; failed(on[0].id, thrown); }
      event++;
      if (halt) return;
    }
  }
  function announce(batch) { // a hook with plain arguments, for every script that has it
    var on = listeners[batch.hook];
    time = batch.time;
    for (var s = skip; s < on.length; s++) {
      skip = s + 1;
      var f = on[s].hooks[batch.hook]();
      if (f) timed(on[s].id, batch.hook, f, parse(batch.values), on[s].profiles[batch.hook]);
    }
    skip = 0; event++;
  }
  function perform(batch) { // one kept function: a job's task or a timer
    var job = kept[batch.task];
    time = batch.time;
    if (batch.once) delete kept[batch.task];
    event = 1;
    if (!job) return;
    timed(batch.script, batch.hook, job.task, job.values, profileOf(batch.script, batch.hook));
  }
  var KINDS = { play: play, query: query, announce: announce, perform: perform };

  function pump() {
    // After an interrupted hook this starts anew: `running` still names the script, `event` and `skip` where to go on.
    views.settle();
    for (;;) {
      var batch = null; // let the last one go before the next is read
      batch = native("pull", taken(), event, skip, running, hook, verdicts, answers, failure, views.asked());
      running = -1; hook = ""; verdicts = ""; answers = []; failure = null; event = 0; halt = mended = false;
      if (batch === null || batch === undefined) { skip = 0; return; }
      skip = batch.skip;
      started = tick();
      KINDS[batch.kind](batch);
    }
  }

  // ---- scripts ----------------------------------------------------------------------------------------------
  var HOOKS = [];
  function load(id, number, wanted, env, consts, known, wrapped) {
    var made = outfit(id, env), values = [], i;
    made.CONSTS = consts;
    for (i = 0; i < known.length; i++) values[i] = hasOwn(made, known[i]) ? made[known[i]] : env[known[i]];
    running = id; hook = "";
    var entry = { id: id, number: number, hooks: {}, profiles: {}, look: null };
    for (i = 0; i < wanted.length; i++) entry.profiles[wanted[i]] = profileOf(id, wanted[i]);
    try {
      var face = apply(wrapped, G, values);
      entry.look = face.look;
      entry.hooks = face.hooks;
      adopt(entry);
      scripts[id] = entry;
    } catch (thrown) { failed(id, thrown); }
    running = -1;
    if (scripts[id]) for (i = 0; i < wanted.length; i++) listeners[wanted[i]] = enlisted(listeners[wanted[i]], entry);
    flush();
  }
  function enlisted(all, entry) { // in script-index order
    var list = [], i = 0;
    for (; i < all.length && all[i].number < entry.number; i++) list[i] = all[i];
    list[i] = entry;
    for (; i < all.length; i++) list[i + 1] = all[i];
    return list;
  }
  function adopt(entry) { // a hook assigned without `var` belongs to the script that assigned it
    for (var i = 0; i < HOOKS.length; i++) {
      if (!hasOwn(G, HOOKS[i])) continue;
      (function (f) { entry.hooks[HOOKS[i]] = function () { return f; }; })(typeof G[HOOKS[i]] === "function" ? G[HOOKS[i]] : undefined);
      delete G[HOOKS[i]];
    }
  }
  function unload(id) {
    delete scripts[id];
    for (var i = 0; i < HOOKS.length; i++) mute(id, HOOKS[i]);
  }
  function mute(id, name) { // a hook that is called no more
    var left = [], all = listeners[name];
    for (var i = 0; i < all.length; i++) if (all[i].id !== id) left[left.length] = all[i];
    listeners[name] = left;
  }
  // What is not on a prototype cannot be replaced: JSON, Date.now ... What scripts may have done to prototypes is undone
  // when something throws, and before the next script loads.
  var originals = [], plainObject = table(), plainArray = table();
  function remembered(holder, familiar) { names(holder).forEach(function (key) { familiar[key] = true; }); }
  function remember(holder, depth) {
    var keys = names(holder);
    for (var i = 0; i < keys.length; i++) {
      var found = own(holder, keys[i]);
      originals[originals.length] = [holder, keys[i], found];
      if (depth && found.value && (typeof found.value === "function" || typeof found.value === "object") && found.value !== G) remember(found.value, depth - 1);
    }
  }
  function fasten() { // but for the one property that we set ourselves
    for (var i = 0; i < originals.length; i++) {
      var holder = originals[i][0], key = originals[i][1], was = originals[i][2];
      if (key === "stackTraceLimit" || isPrototype(holder) || !was.configurable || !hasOwn(was, "value")) continue;
      define(holder, key, { writable: false, configurable: false });
      originals[i][2] = own(holder, key);
    }
  }
  function isPrototype(holder) {
    var maker = own(holder, "constructor");
    return maker !== undefined && typeof maker.value === "function" && maker.value.prototype === holder;
  }
  function foreign(holder, key) { // what has no business there: it would show in every object, or in every array
    if (holder === Obj.prototype) return true;
    return holder === Array.prototype && key >>> 0 == key;
  }
  function strip(holder, familiar) {
    var keys = names(holder), undone = "";
    for (var i = 0; i < keys.length; i++) {
      if (keys[i] in familiar || !foreign(holder, keys[i])) continue;
      delete holder[keys[i]];
      undone += ", " + keys[i];
    }
    return undone;
  }
  function restore() {
    var undone = strip(Obj.prototype, plainObject) + strip(Array.prototype, plainArray);
    for (var i = 0; i < originals.length; i++) {
      var entry = originals[i], found = own(entry[0], entry[1]), was = entry[2];
      if (found && same(found.value, was.value) && found.get === was.get && found.set === was.set) continue;
      try { define(entry[0], entry[1], was); undone += ", " + entry[1]; } catch (_) { undone += ", " + entry[1] + " (for good)"; }
    }
    return apply(slice, undone, [2]);
  }

  var OWN = { // what Python calls through the entry
    hide: function () { G.call_python = undefined; G.dukpy = undefined; },
    pump: pump, load: load, unload: unload, mute: mute, restore: restore,
    setup: function (options) {
      seed = options.seed; live = options.live; time = beginning = options.time; HOOKS = options.hooks;
      for (var i = 0; i < HOOKS.length; i++) listeners[HOOKS[i]] = [];
      for (i = 0; i < 12; i++) random();
    },
    clock: function (now) { time = now; },
    provide: function (name, path, signature) { namespaces[namespaces.length] = { name: name, path: path, signature: signature }; },
    furnish: function (make) { namespaces[namespaces.length] = { make: make }; },
    seal: function () { // helpers as real globals too, for eval and new Function; then remember the untouched language
      var made = outfit(-1, {});
      for (var name in made) define(G, name, { value: made[name], writable: true, configurable: true, enumerable: false });
      // The engine sets these two again at every evaluation: they must be plain, and stay so.
      define(G, "call_python", { value: undefined, writable: true, enumerable: false, configurable: false });
      define(G, "dukpy", { value: undefined, writable: true, enumerable: false, configurable: false });
      var plain = names(G);
      for (var i = 0; i < plain.length; i++) globals[plain[i]] = true;
      remember(G, 2);
      fasten();
      remembered(Obj.prototype, plainObject); remembered(Array.prototype, plainArray);
    },
    forget: function (task) { delete kept[task]; },
    stack: function () { Err.stackTraceLimit = 10; return new Err().stack; },
    look: function (id, expression) { return scripts[id].look(expression); },
    plain: function (value) { // what JSON has no word for: functions as their text, NaN and the like by name
      if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") return Str(value);
      if (typeof value === "number" && value - value !== 0) return Str(value);
      return value === undefined ? null : value;
    },
    sharedValue: function (name) { return hasOwn(G, name) ? G[name] : "\u0000absent"; },
    shared: function () { var found = [], all = names(G); for (var i = 0; i < all.length; i++) if (!globals[all[i]]) found[found.length] = all[i]; return found; },
    globals: G,
    profile: function () {
      var found = [];
      for (var key in profiles) {
        var p = profiles[key], steps = [];
        for (var i = 0; i < 160; i++) steps[i] = p.steps[i];
        found[found.length] = { script: p.script, hook: p.hook, calls: p.calls, total: p.total, errors: p.errors, slowest: p.slowest, time: p.time, steps: steps };
      }
      return found;
    },
  };
  // `toJSON` on arrays would let a script rewrite what goes back to Python.
  define(Array.prototype, "toJSON", { value: undefined, writable: false, configurable: false });
  return OWN;
})
