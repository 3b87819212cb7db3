// HTTP items as HAR to a proxy, once a minute
var items = [];
function onItemCaptured(data) { if (data.Protocol.Name === "http") items.push(data); }
function exportAll() {
  if (!items.length) { console.log("No data to export"); return; }
  var name = utils.nodeName() + "-" + new Date().toISOString().replace(/:/g, "-") + ".har";
  try {
    var uploaded = vendor.webhookForm("POST", env.ZAP_SERVER_URL + "/OTHER/core/other/fileUpload/",
      { fileContents: wrapper.buildHAR(items), apikey: env.ZAP_APIKEY, fileName: name });
    console.log("HAR uploaded to path: " + uploaded);
    var reply = vendor.webhook("GET", env.ZAP_SERVER_URL + "/JSON/exim/action/importHar/?apikey=" + env.ZAP_APIKEY + "&filePath=" + JSON.parse(uploaded).Uploaded);
    console.log("HAR imported with result: " + JSON.parse(reply).Result);
  } catch (error) { console.error(error); }
  items = [];
}
jobs.schedule("zap-export", "*/60 * * * * *", exportAll);
