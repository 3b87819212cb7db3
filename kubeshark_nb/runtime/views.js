// A view is an item document of which only the members that scripts usually ask for have been read. It looks and behaves
// like the whole document: whatever else a script does with it (another member, listing, deleting, freezing ...) first
// fetches the document from Python and completes the object in place, in the document's own order.
// A document is fetched once; what was touched beyond the view is noted in `asked`, so that the next batch brings it
// along (runtime/projection.py).
(function (fetch) {
  var hasOwn = Object.hasOwn, names = Object.getOwnPropertyNames, own = Object.getOwnPropertyDescriptor, isArray = Array.isArray;
  var get = Reflect.get, set = Reflect.set, has = Reflect.has, define = Reflect.defineProperty, remove = Reflect.deleteProperty;
  var keys = Reflect.ownKeys, fix = Reflect.preventExtensions, setPrototype = Object.setPrototypeOf, Weak = WeakRef, View = Proxy;
  var deref = WeakRef.prototype.deref, apply = Reflect.apply;
  var asked = [], latest = null, looking = null;

  // A shape (from Python) is {path, names, parts}: where in the document, the members that were brought along, and those
  // that are views themselves, each name followed by its shape. A view's handler is {source, shape, done}; `source`, which the views of a
  // document have in common, is {event, whole}. Nothing points from a source to its views: once a script has let go of
  // them all, the source is gone as well.
  function note(path, name, value) {
    asked[asked.length] = [path, name, typeof value === "object" && value !== null && !isArray(value)];
  }
  function whole(source) { return source.whole || (source.whole = fetch(source.event)); }
  function complete(view, target, name) {
    var full = whole(view.source), path = view.shape.path, i;
    for (i = 0; i < path.length; i++) full = full[path[i]];
    note(path, name, name === null ? null : hasOwn(full, name) ? full[name] : null);
    var all = names(full), values = [];
    for (i = 0; i < all.length; i++) {
      values[i] = hasOwn(target, all[i]) ? target[all[i]] : full[all[i]];
      remove(target, all[i]);
    }
    for (i = 0; i < all.length; i++) {
      define(target, all[i], { __proto__: null, value: values[i], writable: true, enumerable: true, configurable: true });
    }
    view.done = true;
  }
  function unread(view, target, name) { // whether the document may have a member of this name that the view has not
    return !view.done && !hasOwn(target, name) && typeof name === "string" && !hasOwn(view.shape.names, name);
  }
  // Whether a value of the view itself is set, and not of an object that inherits from it: then the target may get it at
  // once. The engine would first ask for the descriptor and then define the value, for which all would have to be read.
  function meant(view, target, name, receiver) {
    var found = own(target, name);
    if (found === undefined || !hasOwn(found, "value") || typeof receiver !== "object" || receiver === null) return false;
    looking = view;
    own(receiver, name); // leads to the view's own handler, or does not
    var reached = looking === null;
    looking = null;
    return reached;
  }
  function bare(descriptor) { // free of what scripts have put on Object.prototype
    return descriptor === undefined ? undefined : setPrototype(descriptor, null);
  }
  var TRAPS = {
    __proto__: null,
    get: function (target, name, receiver) {
      if (this.done) return get(target, name, receiver);
      if (hasOwn(target, name)) return target[name];
      if (unread(this, target, name)) complete(this, target, name);
      return get(target, name, receiver);
    },
    has: function (target, name) {
      if (unread(this, target, name)) complete(this, target, name);
      return has(target, name);
    },
    set: function (target, name, value, receiver) {
      if (!this.done && !hasOwn(target, name)) complete(this, target, typeof name === "string" ? name : null);
      return set(target, name, value, meant(this, target, name, receiver) ? target : receiver);
    },
    getOwnPropertyDescriptor: function (target, name) {
      if (looking === this) looking = null;
      else if (!this.done) complete(this, target, null);
      return bare(own(target, name));
    },
    defineProperty: function (target, name, descriptor) {
      if (!this.done) complete(this, target, null);
      return define(target, name, bare(descriptor));
    },
    deleteProperty: function (target, name) {
      if (!this.done) complete(this, target, null);
      return remove(target, name);
    },
    ownKeys: function (target) {
      if (!this.done) complete(this, target, null);
      return keys(target);
    },
    preventExtensions: function (target) {
      if (!this.done) complete(this, target, null);
      return fix(target);
    },
  };
  function viewed(target, shape, source) {
    for (var i = 0, parts = shape.parts; i < parts.length; i += 2) {
      var name = parts[i], inner = hasOwn(target, name) ? target[name] : null;
      if (inner !== null) target[name] = viewed(inner, parts[i + 1], source);
    }
    return new View(target, { __proto__: TRAPS, source: source, shape: shape, done: false });
  }
  return {
    view: function (target, shape, event) {
      var source = { event: event, whole: null };
      latest = new Weak(source);
      return viewed(target, shape, source);
    },
    settle: function () { // a script that keeps a view beyond its hook keeps the whole document
      var source = latest === null ? undefined : apply(deref, latest, []);
      latest = null;
      if (source !== undefined && source.whole === null) { whole(source); note([], null, null); }
    },
    asked: function () {
      var taken = asked;
      asked = [];
      return taken;
    },
  };
})
