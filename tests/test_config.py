"""kubeshark.yaml and the node's identity, as a session is told of them."""

import pytest

import kubeshark_nb as ks
from kubeshark_nb.node.config import ConfigError
from tests import craft


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kubeshark.yaml").write_text("scripting: {env: {CHANNEL: ops}, source: scripts}")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "b.js").write_text("console.log('b', env.CHANNEL, this.first)")
    (tmp_path / "scripts" / "a.js").write_text("console.log('a'); this.first = 1")
    (tmp_path / "scripts" / "a.txt").write_text("no script")
    return tmp_path


def test_a_configuration_gives_env_and_folders_of_scripts(folder):
    with ks.Session(inline=True, config=folder / "kubeshark.yaml") as session:
        assert [script.name for script in session.load_folder()] == ["a.js", "b.js"]
        assert [line.text for line in session.console.lines] == ["a", "b ops 1"]


def test_any_folder_of_scripts(folder):
    with ks.Session(inline=True) as session:
        session.load_folder(folder / "scripts")
        assert session.scripts == ["a.js", "b.js"]
        with pytest.raises(ConfigError, match="no such folder"):
            session.load_folder(folder / "nowhere")
        (folder / "scripts" / "c.js").write_bytes(b"\xff")
        with pytest.raises(ks.ScriptError, match="not UTF-8"):
            session.load_folder(folder / "scripts")


def test_the_file_here_counts_when_none_is_named(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with ks.Session(inline=True) as session:
        assert not session.env
        assert session.use_config().env == session.env == {"CHANNEL": "ops"}


def test_a_configuration_that_cannot_be_read(folder):
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        ks.Session(config=folder / "none.yaml")


def test_who_the_node_is():
    with ks.Session(inline=True, ip="10.1.2.3", run_id=42) as session:
        assert (session.info.ip, session.info.run_id, session.info.worker) == ("10.1.2.3", 42, "10.1.2.3:30001")


def test_scripts_of_files_are_read_again_before_a_run(tmp_path):
    capture = tmp_path / "a.pcap"
    capture.write_bytes(craft.pcap([(craft.START, craft.datagram(b"?"))]))
    for name in ("a.js", "b.js", "c.js"):
        (tmp_path / name).write_text(f"var which = '{name}';")
    with ks.Session(inline=True) as session:
        session.load_folder(tmp_path)
        session.load_script("var mine = 1;", "c.js")
        (tmp_path / "a.js").write_text("var which = 'changed';")
        (tmp_path / "b.js").unlink()
        (tmp_path / "c.js").write_text("var mine = 2;")
        session.capture(capture)
        session.run()
        assert session.scripts == ["a.js", "c.js"]
        assert (session.globals["which"], session.globals["mine"]) == ("changed", 1)
