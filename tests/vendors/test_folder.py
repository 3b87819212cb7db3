"""Only files of the node's own folder are uploaded."""

from __future__ import annotations

import os

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import AzurePut, GcsPut, S3Put, Settings, SlackBot, VendorPolicy
from kubeshark_nb.vendors.context import Deadline
from kubeshark_nb.vendors.folder import Upload

TAKERS = {
    "s3": lambda path: S3Put("b", path, "us-east-1"),
    "gcs": lambda path: GcsPut("b", path, {}),
    "azure": lambda path: AzurePut("c", path),
    "slack": lambda path: SlackBot("t", "c", files={"a": path}),
}


@pytest.fixture
def traps(office):
    """Paths out of the folder, of every kind."""
    neighbour = office.root.parent / "files-of-another-node"
    neighbour.mkdir()
    (neighbour / "secret").write_text("secret")
    (office.root / "link").symlink_to("/etc/passwd")
    (office.root / "up").symlink_to(neighbour)
    (office.root / "dir").mkdir()
    os.mkfifo(office.root / "pipe")
    return {
        "absolute": "/etc/passwd",
        "parent": "../files-of-another-node/secret",
        "neighbour": str(neighbour / "secret"),
        "symlink": "link",
        "through a symlink": "up/secret",
        "around": "dir/../../files-of-another-node/secret",
        "directory": "dir",
        "pipe": "pipe",
        "device": "/dev/zero",
        "missing": "nothing",
        "nul": "a\0b",
        "empty": "",
    }


KINDS = (
    *("absolute", "parent", "neighbour", "symlink", "through a symlink", "around"),
    *("directory", "pipe", "device", "missing", "nul", "empty"),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("taker", TAKERS)
def test_everything_else_is_refused_in_every_mode(office, here, traps, taker, kind):
    call = TAKERS[taker](traps[kind])
    for desk in (office.desk(), office.live()):
        with pytest.raises(VendorError, match=r"outside the node's folder|no file|not a regular file"):
            desk.call(call, here)
    assert [effect.status for effect in office.effects] == ["refused", "refused"]


def test_files_inside_are_taken_by_relative_and_absolute_path(office, here):
    name = office.file("dir/a.pcap")
    (office.root / "inside").symlink_to(office.root / name)
    for path in (name, str(office.root / name), "dir/../dir/a.pcap", "inside"):
        office.desk().call(S3Put("b", path, "us-east-1"), here)
    assert [effect.status for effect in office.effects] == ["recorded"] * 4


def test_a_file_that_is_too_large_is_refused(office, here):
    desk = office.desk(VendorPolicy(settings=Settings(upload_bytes=10)))
    with pytest.raises(VendorError, match="larger than 10 bytes"):
        desk.call(S3Put("b", office.file("a", b"x" * 11), "us-east-1"), here)


def test_a_file_is_not_read_after_the_deadline(office):
    office.file("a", b"xyz")
    with Upload(office.root / "a", Deadline(60)) as file:
        assert (len(file), file.read(1), file.read()) == (3, b"x", b"yz")
    with Upload(office.root / "a", Deadline(0)) as file, pytest.raises(VendorError, match="not finished after 0 s"):
        file.read()
