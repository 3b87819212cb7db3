// Latency of each path as a vector
if (utils.nodeName() === "hub") console.error("This script should not run on the hub");
var paths = {};
console.log("starting");
function onItemCaptured(data) {
  if (data.protocol.name !== "http" || !data.elapsedTime || !data.dst.name) return;
  var key = data.src.name + data.dst.name + data.request.path;
  paths[key] = { value: data.elapsedTime, labels: { s_path: data.request.path, s_namespace: data.dst.namespace, s_src: data.src.name, s_pod: data.dst.name } };
}
function push() {
  for (var key in paths) prometheus.vector("performance", "Pod getting traffic", 2, paths[key].value, paths[key].labels);
  paths = {};
}
jobs.schedule("push-to-prom", "0 * * * * *", push);
