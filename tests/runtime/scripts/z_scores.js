// Latencies far from the mean of their pod and path
var QUERY = "http", LIMIT = 3;
var seen = {};
function onItemCaptured(data) {
  if (!kfl.match(QUERY, data)) return;
  var key = data.dst.name + data.request.path;
  var s = seen[key] || (seen[key] = { n: 0, sum: 0, squares: 0, mean: 0, deviation: 0 });
  if (s.deviation && Math.abs(data.elapsedTime - s.mean) / s.deviation > LIMIT) console.error("Anomaly: " + key);
  s.n++; s.sum += data.elapsedTime; s.squares += data.elapsedTime * data.elapsedTime;
}
function analyze() {
  for (var key in seen) {
    var s = seen[key];
    s.mean = s.sum / s.n;
    s.deviation = Math.sqrt(Math.max(0, s.squares / s.n - s.mean * s.mean));
  }
}
if (utils.nodeName() === "hub") {
  console.clear();
  console.log("\033[1mAnomaly detection initialized. Anomalies will be reported if Z-Score > \033[31m" + LIMIT + "\033[0m");
} else jobs.schedule("analyze-latencies", "*/10 * * * * *", analyze);
