// One point per HTTP item
function onItemCaptured(data) {
  if (data.protocol.name !== "http") return;
  var known = data.dst.name !== "";
  try {
    vendor.influxdb(env.INFLUXDB_URL, env.INFLUXDB_TOKEN, env.INFLUXDB_ORG, "Kubeshark", "callKPIs",
      { latency: data.elapsedTime, status: data.response.status, bandwidth: data.requestSize + data.responseSize },
      { dst_name: known ? data.dst.name : "unresolved", dst_ip: data.dst.ip, dst_port: data.dst.port, dst_ns: known ? data.dst.namespace : "unresolved",
        src_name: data.src.name, src_ip: data.src.ip, src_ns: data.src.namespace, path: data.request.path, node: data.node.name });
  } catch (error) { console.error(error); }
}
