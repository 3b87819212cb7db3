"""Runs every JavaScript example of the two pages about Kubeshark's helpers, missing commas added: none may fail.

    python -m tests.runtime.pages FOLDER

``FOLDER`` has the pages as Markdown. What an example leaves to its reader (a variable, a file) is there before it runs;
then six items pass, every job and every function of the example runs once. Ends with status 1 when something failed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from kubeshark_nb.errors import KubesharkError
from tests.runtime.conformance import ENV, Reference, reference_items
from tests.runtime.stage import START, Stage

EXAMPLE = re.compile(r"^```js\n(.*?)(?=^```|^##)", re.MULTILINE | re.DOTALL)
COMMA = re.compile(r"^( +(?:filePath|env\.\w+|[A-Z_]+)) *\n(?= +(?:env\.|JSON|[A-Z_]+))", re.MULTILINE)
DECLARED = re.compile(r"^function (\w+)\(\)", re.MULTILINE)
TOLD = (
    '"example.txt": no such file',  # one page moves the same file twice
    "influxdb: the data has no field",  # the examples' own jobs empty what they push, and push it again a minute later
)
GIVEN = """var x = 1, value = 2, filePath = "given.txt", location, data = {requests: 1}, ES_ENABLED = true;
["given.txt", "example.txt", "example2.txt", "old.txt"].forEach(function (name) { file.write(name, "x") });
["directory", "example/folder/here", "example/folder", "folder"].forEach(function (name) { file.mkdir(name) });
function exampleJob() {} function exampleHook() {}
if (CALLS_JOBS) ["example-job", "job1", "job2"].forEach(function (tag) { jobs.schedule(tag, "@hourly", exampleJob) });
"""


def failures(example: str) -> list[str]:
    """What goes wrong with one example."""
    mended = COMMA.sub(r"\1,\n", example)
    given = GIVEN.replace("CALLS_JOBS", "false" if "jobs.schedule" in example else "true")
    stage = Stage(env={**ENV, "GCS_BUCKET": "gbkt", "GCS_SA_KEY_JSON": '{"type": "service_account"}'})
    stage.player.use_streams(Reference())
    try:
        stage.load(f"{given}\n{mended}\n{''.join(f'{name}();' for name in DECLARED.findall(mended))}")
        stage.items(*reference_items())
        stage.player.query([item.json for item in reference_items()])
        stage.player.jobs_run()
        stage.player.finish(START + 10**11)
    except KubesharkError as error:
        found = [str(error)]
    else:
        found = [f"{error.hook}: {error.message}" for error in stage.kept.errors]
    return [text for text in found if not any(told in text for told in TOLD)]


def main(folder: Path) -> int:
    """Run them, print what fails."""
    wrong = total = 0
    for page in sorted(folder.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for match in EXAMPLE.finditer(text):
            total += 1
            for failure in failures(match[1]):
                wrong += 1
                print(f"{page.name}:{text[: match.start()].count(chr(10)) + 2}: {failure}")
    print(f"{total} examples, {wrong} failures")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
