// Status codes, pushed once a minute
var codes = {};
function onItemCaptured(data) {
  if (data.protocol.name !== "http") return;
  codes[data.response.status] = (codes[data.response.status] || 0) + 1;
}
function push() {
  console.log("Status Codes:", JSON.stringify(codes));
  vendor.influxdb(env.INFLUXDB_URL, env.INFLUXDB_TOKEN, env.INFLUXDB_ORGANIZATION, env.INFLUXDB_BUCKET, "Status Codes", codes);
  codes = {};
}
jobs.schedule("push-status-codes-to-influxdb", "0 */1 * * * *", push);
