// Latencies outside the inter-quartile band of their pod
var KEEP = 1000, NEEDED = 40;
var latencies = {};
function onItemCaptured(data) {
  if (utils.nodeName() === "hub") return;
  var pod = data.src.name;
  if (!latencies[pod]) latencies[pod] = [];
  latencies[pod].push(data.elapsedTime);
  if (latencies[pod].length > KEEP) latencies[pod].shift();
}
function quantile(sorted, share) {
  return sorted[Math.floor((sorted.length - 1) * share)];
}
function analyze() {
  console.log("Analyzing pod latencies for anomalies...");
  for (var pod in latencies) {
    if (latencies[pod].length < NEEDED) continue;
    var sorted = latencies[pod].slice().sort(function (a, b) { return a - b; });
    var low = quantile(sorted, 0.25), high = quantile(sorted, 0.75), width = 1.5 * (high - low);
    var odd = sorted.filter(function (value) { return value < low - width || value > high + width; });
    if (odd.length) console.error("Anomaly in " + pod + ": " + odd);
  }
}
if (utils.nodeName() !== "hub") jobs.schedule("analyze-latencies", "*/20 * * * * *", analyze);
