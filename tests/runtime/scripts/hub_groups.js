// What workers send, grouped by key
var groups = {};
function onHubAction(action, object) {
  if (!object) return;
  console.log(action + ": " + JSON.stringify(object));
  (groups[object.key] = groups[object.key] || []).push(object.value);
  console.log(JSON.stringify(groups));
}
