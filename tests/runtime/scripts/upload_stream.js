// The stream of each HTTP 500, and the names
function put(path) {
  return vendor.s3.put(env.AWS_REGION, env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.S3_BUCKET, path);
}
function onItemCaptured(data) {
  if (data.response.status !== 500) return;
  var path = pcap.path(data.stream), names = "name_resolution_history.json";
  console.log("Uploaded PCAP to S3:", path, "URL:", put(path));
  file.write(names, JSON.stringify(pcap.nameResolutionHistory()));
  console.log("Uploaded name resolution history to S3:", names, "URL:", put(names));
  file.delete(names);
}
