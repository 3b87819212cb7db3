"""What a front end that knows nothing of us gets from the kernel: completion and help, asked of a real one."""

from __future__ import annotations

import pytest
from jupyter_client.manager import start_new_kernel

from kubeshark_nb.widgets.inspection import help_on

SCRIPT = "%%kubeshark_script alerts\nfunction onItemCaptured(data) {\n  vendor.slack(data.request.path);\n}"


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute_interactive("%load_ext kubeshark_nb\n%reload_ext kubeshark_nb", timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def inspect(kernel, code: str, word: str) -> dict:
    return kernel.inspect(code, code.index(word) + 2, reply=True, timeout=30)["content"]


@pytest.mark.parametrize(
    ("code", "word", "says"),
    [
        (SCRIPT, "onItem", "Called for every dissected item"),
        (SCRIPT, "slack", "Posts a message to a Slack webhook."),
        (SCRIPT, "path", "HTTP: without the query"),
        ("%kubeshark_items http and elapsedTime > 5", "elapsed", "time until the response, ms"),
        ("%kubeshark_items http && status_code > 5", "status_code", "HTTP status"),
    ],
)
def test_help_on_the_name_under_the_cursor(kernel, code, word, says):
    answer = inspect(kernel, code, word)
    assert answer["found"]
    assert says in answer["data"]["text/plain"]
    assert answer["data"]["text/markdown"].startswith("# `")


def test_python_is_inspected_as_ever(kernel):
    assert "iterable" in inspect(kernel, "sorted([1])", "sorted")["data"]["text/plain"]
    assert not inspect(kernel, SCRIPT, "{")["found"]


def test_completion_reaches_the_page(kernel):
    code = f"{SCRIPT}\ndata.response.sta"
    answer = kernel.complete(code, len(code), reply=True, timeout=30)["content"]
    assert answer["matches"] == ["data.response.status", "data.response.statusText"]
    assert code[answer["cursor_start"] : answer["cursor_end"]] == "data.response.sta"


def test_help_by_name():
    assert "Uploads a file to S3" in repr(help_on("vendor.s3.put"))
    assert help_on("data.request.path")._repr_markdown_().startswith("# `data.request.path`")
    assert "onItemCaptured(data)" in repr(help_on(""))
    assert "](" not in help_on("")._repr_markdown_()
    with pytest.raises(LookupError, match=r"there is no 'test.passed'; there is test.pass"):
        help_on("test.passed")
