from __future__ import annotations

import pytest

from kubeshark_nb.node.config import ConfigError, find, read

TEXT = """
scripting:
  consts: {OLD: a, BOTH: old}
  env: {TOKEN: secret-value, N: 5, FLAG: true, BOTH: new}
  source: scripts
  sources: [more, missing]
  active: [Title]
  watchScripts: false
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kubeshark.yaml").write_text(TEXT)
    for name in ("scripts/b.js", "scripts/a.js", "scripts/note.txt", "scripts/deep/c.js", "more/z.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def test_everything(folder):
    config = read(find(here=folder, home=folder))
    assert config.env == {"OLD": "a", "BOTH": "new", "TOKEN": "secret-value", "N": 5, "FLAG": True}
    everything = read(folder / "kubeshark.yaml", ["scripting.active=[]"])
    assert [path.name for path in everything.scripts()] == ["a.js", "b.js", "z.js"]
    assert (config.active, config.watch, config.console) == (("Title",), False, True)
    assert len(config.warnings) == 1
    assert "missing" in config.warnings[0]
    assert "secret-value" not in repr(config)


def test_only_active_scripts_count_when_some_are_named(folder):
    (folder / "scripts" / "b.js").write_text("// Title\nvar b")
    (folder / "more" / "z.js").write_text("// Another\nvar z")
    assert [path.name for path in read(folder / "kubeshark.yaml").scripts()] == ["b.js"]


def test_exactly_one_file_counts(folder, tmp_path):
    home = tmp_path / "home"
    (home / ".kubeshark").mkdir(parents=True)
    (home / ".kubeshark" / "config.yaml").write_text("scripting: {env: {A: 1}}")
    assert find(here=folder, home=home) == folder / "kubeshark.yaml"
    assert read(find(here=home, home=home)).env == {"A": 1}
    assert find(folder / "kubeshark.yaml", here=home, home=home) == folder / "kubeshark.yaml"
    assert find(here=folder / "scripts", home=folder) is None
    assert read(None).env == {}
    with pytest.raises(ConfigError, match="no such configuration"):
        find(folder / "nope.yaml")


def test_overrides(folder):
    config = read(
        folder / "kubeshark.yaml", ["scripting.env.TOKEN=other", "scripting.env.NEW=7", "scripting.console=false"]
    )
    assert (config.env["TOKEN"], config.env["NEW"], config.console) == ("other", 7, False)
    with pytest.raises(ConfigError, match="key=value"):
        read(None, ["scripting.env.X"])


@pytest.mark.parametrize("text", ["a: [", "- 1", "scripting: 5", "scripting: {env: [secret-value]}", "\x00"])
def test_a_bad_file_is_one_line_without_values(tmp_path, text):
    (tmp_path / "kubeshark.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / "kubeshark.yaml")
    assert "kubeshark.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret-value" not in str(caught.value)
