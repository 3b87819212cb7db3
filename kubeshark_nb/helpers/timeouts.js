function (made, kit) {
  function setTimeout(task, delay) {
    if (typeof task !== "function") throw new TypeError("setTimeout needs a function");
    var ms = +delay;
    return kit.ask("setTimeout", setTimeout, [kit.keep(task, kit.restOf(arguments, 2)), ms > 0 ? ms : 0]);
  }
  made.setTimeout = setTimeout;
}
