// Average latency per destination
var sums = {};
console.log("starting");
function onItemCaptured(data) {
  if (!data.elapsedTime || !data.dst.name) return;
  var s = sums[data.dst.name] || (sums[data.dst.name] = { total: 0, n: 0, namespace: data.dst.namespace });
  s.total += data.elapsedTime; s.n++;
}
function push() {
  for (var name in sums) {
    console.log("pushing to prom " + name);
    try {
      prometheus.metric(name.replace(/[^a-zA-Z0-9]/g, "_"), "Pod getting traffic", 1, sums[name].total / sums[name].n, { namespace: sums[name].namespace, script: "perf" });
    } catch (error) { console.error(error); }
  }
  sums = {};
}
if (utils.nodeName() !== "hub") jobs.schedule("push-to-prom", "0 * * * * *", push);
