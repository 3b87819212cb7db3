// Logs and pod events, in colour
var LEVELS = { error: "\033[31m", warning: "\033[33m" };
if (utils.nodeName() === "hub") {
  console.clear();
  console.log("\033[1mKubeshark Logs and Pod Events Report\033[0m");
}
function onLogCall(level, msg) {
  if (LEVELS[level]) console.log(LEVELS[level] + level + "\033[0m " + (typeof msg === "string" ? JSON.parse(msg).message : msg.message));
}
function onPodEvent(event, pod) { console.log("\033[36m" + event + "\033[0m " + pod.ObjectMeta.Name); }
