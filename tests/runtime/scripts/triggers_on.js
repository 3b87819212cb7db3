// Slack messages for items of interest
var ACTIVE = true;
var triggers = [{ kfl: "http and response.status == 500", title: "Server error", gap: 1000, last: 0 }];
function onItemCaptured(data) {
  if (!ACTIVE) return;
  triggers.forEach(function (trigger) {
    if (!kfl.match(trigger.kfl, data) || Date.now() - trigger.last < trigger.gap) return;
    trigger.last = Date.now();
    var path = file.temp("data", "", "json"), files = {};
    file.write(path, JSON.stringify(data));
    files[data.stream] = pcap.path(data.stream);
    files["data.json"] = path;
    vendor.slackBot(env.SLACK_AUTH_TOKEN, env.SLACK_CHANNEL_ID, trigger.title, data.id, "#ff0000", {}, files);
    file.delete(path);
  });
}
