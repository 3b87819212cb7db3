"""What workers keep is their user's alone, and does not pile up."""

import os
import stat
import tempfile

import pytest

import kubeshark_nb as ks
from kubeshark_nb.cluster.places import UNUSED_S, place, swept


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_only_this_user_can_look():
    assert place("items") == place("items")
    assert stat.S_IMODE(place("items").parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "prepare", [lambda root: root.symlink_to("/"), lambda root: root.mkdir(0o777) or root.chmod(0o777)]
)
def test_a_folder_that_somebody_else_has_laid_out_is_not_used(tmp_path, prepare):
    prepare(tmp_path / f"kubeshark-nb-{os.getuid()}")
    with pytest.raises(ks.NodeError, match="belongs to somebody else"):
        place("items")


def test_what_nobody_uses_goes():
    folder = place("nodes")
    for name, inside_age in (("dead", 2 * UNUSED_S), ("busy", 1)):
        (folder / name).mkdir()
        (folder / name / "file").write_text("")
        now = (folder / name).stat().st_mtime
        os.utime(folder / name / "file", (now - inside_age,) * 2)
        os.utime(folder / name, (now - 2 * UNUSED_S,) * 2)
    assert [path.name for path in swept(folder).iterdir()] == ["busy"]
