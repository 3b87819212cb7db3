// Streams with an HTTP 500, one snapshot of them a minute
var streams = [];
function onItemCaptured(data) {
  if (data.response.status === 500 && streams.indexOf(data.stream) < 0) { streams.push(data.stream); console.log(streams); }
}
function take() {
  if (!streams.length) return;
  var dir = file.mkdirTemp("snapshot"), snapshot = pcap.snapshot(streams);
  file.move(snapshot, dir);
  file.write(dir + "/name_resolution_history.json", JSON.stringify(pcap.nameResolutionHistory()));
  var packed = file.tar(dir);
  var url = vendor.s3.put(env.AWS_REGION, env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.S3_BUCKET, packed);
  console.log("Uploaded PCAP snapshot to S3:", packed, "URL:", url);
  file.delete(dir); file.delete(packed);
  streams = [];
}
jobs.schedule("take-pcap-snapshot", "0 */1 * * * *", take);
