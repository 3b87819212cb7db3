function (made, kit) {
  function schedule(tag, cron, task, limit) {
    if (typeof task !== "function") throw new TypeError("jobs.schedule needs a function as its third argument");
    var counted = typeof limit === "number" || limit === undefined || limit === null;
    var kept = kit.keep(task, kit.restOf(arguments, counted ? 4 : 3));
    kit.ask("jobs.schedule", schedule, [kit.string(tag), kit.string(cron), kept, counted && limit > 0 && limit < 1e15 ? limit : 0]);
  }
  made.jobs.schedule = schedule;
}
