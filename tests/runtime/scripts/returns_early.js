// Disabled
console.log("never printed");
return;
function onItemCaptured(data) { console.error(utils.nodeName()); }
