// Status codes, pushed once a minute
var codes = {};
function onItemCaptured(data) {
  if (data.protocol.name !== "http") return;
  codes[data.response.status] = (codes[data.response.status] || 0) + 1;
}
function push() {
  console.log("Status Codes:", JSON.stringify(codes));
  vendor.elastic("", env.ELASTIC_INDEX, codes, "", "", env.ELASTIC_CLOUD_ID, env.ELASTIC_API_KEY);
  codes = {};
}
jobs.schedule("push-status-codes-to-elastic", "0 */1 * * * *", push);
