"""The magics in a real IPython shell: what is typed, what is shown, and one clear line when it is wrong."""

import gzip
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from kubeshark_nb.magics import current_session, forget_session

SHOP = Path(__file__).parents[1] / "notebooks" / "captures" / "shop.pcap.gz"


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> Path:
    cut = tmp_path_factory.mktemp("captures") / "a short capture.pcap"
    cut.write_bytes(gzip.decompress(SHOP.read_bytes())[:1_000_000])
    return cut


@pytest.fixture
def shell():
    made = InteractiveShell.instance()
    made.run_line_magic("load_ext", "kubeshark_nb")
    yield made
    forget_session()


def said(shell, capsys, code: str) -> tuple[bool, str]:
    """Run a cell; whether it worked, and everything it printed."""
    result = shell.run_cell(code)
    out, err = capsys.readouterr()
    return result.success, out + err


def test_bind_script_items(shell, capsys, short):
    assert said(shell, capsys, f'%kubeshark_capture "{short}"') == (True, f"bound: {short}\n")
    worked, text = said(shell, capsys, "%%kubeshark_script counter\nvar n = 0; function onItemCaptured(d) { n++; }")
    assert worked, text
    assert current_session().globals["n"] == len(current_session().items) > 100
    shell.run_cell("frame = %kubeshark_items --df http and response.status == 200")
    assert set(shell.user_ns["frame"].status) == {200}
    _, text = said(shell, capsys, "%kubeshark_status")
    assert "scripts: counter" in text
    assert "cut" in text


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%kubeshark_capture no/such/file.pcap", "CaptureError: no/such/file.pcap: "),
        ("%kubeshark_capture", "CaptureError: no capture given"),
        ("%kubeshark_capture --speed", "expected one argument"),
        ("%%kubeshark_script bad.js\nvar x = 1;\nvar y = = 2;", "ScriptError: bad.js:3:"),
        ("%%kubeshark_script bad.js\nundefinedThing();", "ScriptError: bad.js:2:"),
        ("%%kubeshark_script a --env nonsense\nvar a;", "'nonsense' is not of the form NAME=VALUE"),
        ("%kubeshark_env no-such.yaml", "ConfigError: no-such.yaml: "),
        ("%kubeshark_env K='no end", "a quotation in this line has no end"),
        ("%%kubeshark_script a --limit 0\nvar a;", "0.0 is no time for a hook"),
        ("%%kubeshark_script a --node other\nvar a;", "there is no node 'other'"),
        ("%kubeshark_items", "CaptureError: no capture is bound"),
        ("%kubeshark_vendor live nosuch", "VendorError: 'nosuch' is no service"),
        ("import kubeshark_nb as ks; ks.kfl.compile('htt ??? a : p')", 'KFLError: 1:5: unexpected token "?"'),
    ],
)
def test_what_is_wrong_is_one_clear_line_and_no_traceback(shell, capsys, cell, says):
    worked, text = said(shell, capsys, cell)
    assert not worked
    assert says in text.replace("\x1b[31m", "").replace("\x1b[0m", "")
    assert "Traceback" not in text
    assert "kubeshark_nb/" not in text


@pytest.mark.parametrize("magic", ["items", "map", "dashboard", "items --df"])
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("http and", "KFLError: 1:9: {}, at the end of 'http and'; "),
        ("http ??", "KFLError: 1:6: {}, at '??' of 'http ??'; "),
    ],
)
def test_a_mistake_in_a_query_is_one_line_with_its_place_before_anything_runs(shell, capsys, short, magic, query, says):
    said(shell, capsys, f'%kubeshark_capture "{short}"')
    worked, text = said(shell, capsys, f"%kubeshark_{magic} {query}")
    assert not worked
    (line,) = text.replace("\x1b[31m", "").replace("\x1b[0m", "").strip().splitlines()
    what, where = says.split("{}")
    assert line.startswith(what)
    assert where in line
    assert "%kubeshark_help" in line
    assert not current_session().run_number


def test_env_reaches_scripts_and_is_never_shown(shell, capsys, tmp_path):
    config = tmp_path / "kubeshark.yaml"
    config.write_text("scripting:\n  env:\n    TOKEN: s3cret\n")
    _, text = said(shell, capsys, f"%kubeshark_env {config} CHANNEL=ops")
    assert "TOKEN=•••" in text
    assert "s3cret" not in text
    said(shell, capsys, "%%kubeshark_script e --load-only\nvar got = env.TOKEN + CHANNEL;")
    assert current_session().globals["got"] == "s3cretops"


def test_reset_begins_anew(shell, short):
    shell.run_cell(f'%kubeshark_capture "{short}"')
    before = current_session()
    shell.run_cell("%kubeshark_reset")
    assert current_session() is not before
    assert current_session().bound is None


def test_quotes_keep_blanks_in_a_value(shell, capsys):
    _, text = said(shell, capsys, "%kubeshark_env A='one two' B=\"x=y z\" C=back\\slash")
    assert text == "env: A=•••, B=•••, C=•••\n"
    said(
        shell,
        capsys,
        "%%kubeshark_script e --load-only --env D='3 4'\nvar got = [env.A, env.B, env.C, env.D].join('|');",
    )
    assert current_session().globals["got"] == "one two|x=y z|back\\slash|3 4"


def test_a_limit_of_the_script_line_holds(shell, capsys):
    said(shell, capsys, "%%kubeshark_script a --limit 0.2 --load-only\nfunction onItemCaptured(d) { for (;;) {} }")
    (error,) = current_session().explain({"stream": "x", "index": 0}).errors
    assert "0.2 s" in error.message


def test_vendor_says_what_is_sent_and_when(shell, capsys):
    assert said(shell, capsys, "%kubeshark_vendor") == (True, "nothing is sent\n")
    assert "replays only record" in said(shell, capsys, "%kubeshark_vendor live slack")[1]
    assert "in replays, too: slack" in said(shell, capsys, "%kubeshark_vendor live slack --replay")[1]
    assert "slack" in said(shell, capsys, "%kubeshark_vendor")[1]
    assert said(shell, capsys, "%kubeshark_vendor record")[1] == "nothing is sent\n"


def test_an_error_cannot_colour_or_turn_the_page(shell, capsys):
    _, text = said(shell, capsys, "import kubeshark_nb as ks; raise ks.CaptureError('a\\x1b[2Jb\\u202e')")
    assert "a\\x1b[2Jb\\u202e" in text


def test_unloading_gives_python_its_errors_back(shell, capsys):
    shell.run_line_magic("unload_ext", "kubeshark_nb")
    _, text = said(shell, capsys, "import kubeshark_nb as ks; raise ks.CaptureError('no')")
    shell.run_line_magic("load_ext", "kubeshark_nb")
    assert "Traceback" in text
