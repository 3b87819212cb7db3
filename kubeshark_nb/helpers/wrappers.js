function (made, kit) {
  function isMap(value) { return typeof value === "object" && value !== null && !kit.isArray(value); }
  function joinMaps(a, b) {
    var joined = {}, key;
    for (key in a) joined[key] = isMap(a[key]) ? joinMaps(a[key], {}) : a[key];
    for (key in b) {
      if (isMap(joined[key]) && isMap(b[key])) joined[key] = joinMaps(joined[key], b[key]);
      else if (typeof joined[key] === "number" && typeof b[key] === "number") joined[key] += b[key];
      else joined[key] = isMap(b[key]) ? joinMaps(b[key], {}) : b[key];
    }
    return joined;
  }
  function pcapSnapshot(region, keyID, accessKey, bucket) {
    var dir = made.file.mkdirTemp("snapshot"), packed;
    try {
      made.pcap.snapshot(dir);
      made.file.write(dir + "/name_resolution_history.json", kit.stringify(made.pcap.nameResolutionHistory()));
      packed = made.file.tar(dir);
      return made.vendor.s3.put(region, keyID, accessKey, bucket, packed);
    } finally {
      made.file.delete(dir);
      if (packed) made.file.delete(packed);
    }
  }

  // wrapper.kflPcapS3: remember the streams of matching items; a job uploads one archive per query when it is time.
  var recordings = null, settings = null;
  function chosen(params, name, key) { return params[name] !== undefined ? params[name] : made.env[key]; }
  function begin(params) {
    settings = params;
    recordings = [];
    for (var i = 0; i < params.kflArr.length; i++) recordings[i] = { streams: {}, count: 0, since: kit.Date.now() };
    made.jobs.schedule("kfl-pcap-s3", "*/30 * * * * *", upload);
  }
  function kflPcapS3(data, params) {
    if (params.active === false) return;
    if (recordings === null || recordings.length !== params.kflArr.length) begin(params);
    settings = params;
    for (var i = 0; i < params.kflArr.length; i++) {
      if (recordings[i].streams[data.stream] || !made.kfl.match(params.kflArr[i], data)) continue;
      recordings[i].streams[data.stream] = true;
      recordings[i].count++;
      if (params.verbose) made.console.log("kfl-pcap-s3: recording", data.stream, "for", params.kflArr[i]);
    }
  }
  function upload() {
    var minutes = settings.maxMinutes === undefined ? 60 : settings.maxMinutes;
    var most = settings.maxL4Streams === undefined ? 100000 : settings.maxL4Streams;
    for (var i = 0; i < recordings.length; i++) {
      var recording = recordings[i], due = kit.Date.now() - recording.since >= minutes * 60000 || recording.count >= most;
      if (!recording.count || !due) continue;
      recordings[i] = { streams: {}, count: 0, since: kit.Date.now() };
      try { send(i, recording); } catch (error) { made.console.error("kfl-pcap-s3:", error); }
    }
  }
  function send(index, recording) {
    var names = [], dir = made.file.mkdirTemp("kfl-pcap-s3"), packed;
    for (var name in recording.streams) names[names.length] = name;
    try {
      var snapshot = made.pcap.snapshot(names);
      made.file.move(snapshot, dir);
      made.file.write(dir + "/name_resolution_history.json", kit.stringify(made.pcap.nameResolutionHistory()));
      made.file.write(dir + "/content.json", kit.stringify({
        kfl_index: index, kfl_query: settings.kflArr[index], l4_streams: names, pcap_file_name: snapshot,
        time: new kit.Date().toISOString(),
      }));
      var archive = made.file.tar(dir);
      packed = "kfl_" + index + "_" + archive;
      made.file.move(archive, packed);
      var url = made.vendor.s3.put(
        chosen(settings, "s3Bucket", "S3_BUCKET"), packed, chosen(settings, "awsRegion", "AWS_REGION"),
        chosen(settings, "awsAccessKeyId", "AWS_ACCESS_KEY_ID"), chosen(settings, "awsSecretAccessKey", "AWS_SECRET_ACCESS_KEY"));
      made.console.log("kfl-pcap-s3: uploaded", names.length, "streams to", url);
      notify("PCAP uploaded: " + url);
    } finally {
      made.file.delete(dir);
      if (packed) made.file.delete(packed);
    }
  }
  function notify(text) {
    var webhook = chosen(settings, "slackWebhook", "SLACK_WEBHOOK"), token = chosen(settings, "slackAuthToken", "SLACK_AUTH_TOKEN");
    if (webhook) made.vendor.slack(webhook, "Notification", text, "#0000ff");
    if (token) made.vendor.slackBot(token, chosen(settings, "slackChannelId", "SLACK_CHANNEL_ID"), "Notification", text, "#0000ff");
  }
  made.wrapper.joinMaps = joinMaps;
  made.wrapper.pcapSnapshot = pcapSnapshot;
  made.wrapper.kflPcapS3 = kflPcapS3;
}
