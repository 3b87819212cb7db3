// The same through a folder of copies, with variables nobody declared
pcapsDir = file.mkdirTemp("snapshot");
function onItemCaptured(data) {
  if (data.response.status === 500) file.copy(pcap.path(data.stream), pcapsDir + "/" + data.stream);
}
function take() {
  dir = file.mkdirTemp("packed");
  snapshot = pcap.snapshot([], pcapsDir);
  file.move(snapshot, dir);
  file.write(dir + "/name_resolution_history.json", JSON.stringify(pcap.nameResolutionHistory()));
  packed = file.tar(dir);
  url = vendor.s3.put(env.AWS_REGION, env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.S3_BUCKET, packed);
  console.log("Uploaded PCAP snapshot to S3:", packed, "URL:", url);
  file.delete(dir); file.delete(packed); file.delete(pcapsDir);
  pcapsDir = file.mkdirTemp("snapshot");
}
jobs.schedule("take-pcap-snapshot", "0 */1 * * * *", take);
