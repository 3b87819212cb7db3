// Items of a query, once an hour as one file
var calls = [];
console.log(Date() + "| Recording API Calls Matching: " + env.APICALLS_KFL);
if (!kfl.validate(env.APICALLS_KFL)) console.error("bad query");
function onItemCaptured(data) { if (kfl.match(env.APICALLS_KFL, data)) calls.push(data); }
function upload() {
  console.log(Date() + "| apicallsJob");
  try {
    var path = file.temp("apicalls", "", "json");
    file.write(path, JSON.stringify(calls));
    if (env.AWS_SECRET_ACCESS_KEY) vendor.s3.put(env.APICALLS_S3_BUCKET, path, env.AWS_REGION, env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY);
    else vendor.s3.put(env.APICALLS_S3_BUCKET, path, env.AWS_REGION);
    file.delete(path);
    calls = [];
  } catch (error) { console.error(Date() + "| Caught an error! " + error); }
}
jobs.schedule("apicallsJob", "0 0 * * * *", upload);
