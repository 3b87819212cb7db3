// A snapshot of everything on each HTTP 500
function onItemCaptured(data) {
  if (data.response.status !== 500) return;
  var dir = file.mkdirTemp("snapshot");
  var snapshot = pcap.snapshot();
  file.move(snapshot, dir);
  file.write(dir + "/name_resolution_history.json", JSON.stringify(pcap.nameResolutionHistory()));
  var packed = file.tar(dir);
  var url = vendor.s3.put(env.AWS_REGION, env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.S3_BUCKET, packed);
  console.log("Uploaded PCAP snapshot to S3:", packed, "URL:", url);
  file.delete(dir);
  file.delete(packed);
}
