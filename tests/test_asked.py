"""What a user may ask of a session: another type than an option takes is one line that says what it takes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import kubeshark_nb as ks
from kubeshark_nb.asked import OPTIONS
from kubeshark_nb.node.spec import CaptureSpec

CAPTURES = Path(__file__).parents[1] / "notebooks" / "captures"
SHOP, NAMES = CAPTURES / "shop.pcap.gz", CAPTURES / "shop-names.json"


@pytest.fixture(scope="module")
def session():
    with ks.Session() as made:
        yield made


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"duration": "x"}, "duration is 'x'; give more than 0 seconds"),
        ({"duration": float("nan")}, "duration is nan; give more than 0 seconds"),
        ({"count": 1.5}, "count is 1.5; give more than 0 packets, as a whole number"),
        ({"count": True}, "count is True; give more than 0 packets, as a whole number"),
        ({"ring": "64"}, "ring is '64'; give more than 0 MB"),
        ({"keep": [1]}, "keep is of type list; give the MB that packets may take on disk"),
        ({"cache": "x"}, "cache is 'x'; give the MB that items may take on disk"),
        ({"shards": "2"}, "shards is '2'; give 1 to 256"),
        ({"shards": 2.5}, "shards is 2.5; give 1 to 256"),
        ({"shards": 257}, "shards is 257; give 1 to 256"),
        ({"names": 5}, "names is 5; give the path of a file of names"),
        ({"keylog": ["a"]}, "keylog is of type list; give the path of a TLS key log"),
        ({"live": 5}, "live is 5; give the name of a network interface"),
        ({"pipe": 5}, "pipe is 5; give a command"),
        ({"pipe": ["sh", "--token=s3cret"]}, "pipe is of type list; give a command"),
        ({"hub": b"ws://u:s3cret@h"}, "hub is of type bytes; give the address of a hub"),
        ({"bpf": 80}, "bpf is 80; give a filter"),
        ({"speed": ["1x"]}, "speed is of type list; give 'max'"),
        ({"node": 5}, "node is 5; give the node's name"),
        ({"nodes": ["a"]}, "nodes is of type list; give names and their files"),
        ({"nodes": {"a": 5}}, "nodes['a'] is 5; give a file, or a list of files"),
        ({"nodes": {"a": ["a.pcap", 5]}}, "nodes['a'] is of type list; give a file, or a list of files"),
        ({"nodes": {5: "a.pcap"}}, "a name in nodes is 5; give the node's name"),
    ],
)
def test_another_type_is_one_line_that_names_the_option_what_it_got_and_what_it_takes(session, options, says):
    files = [] if "nodes" in options else [SHOP]
    with pytest.raises(ks.CaptureError) as caught:
        session.capture(*files, **options)
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("files", [[5], [[SHOP, SHOP]], [SHOP, None]])
def test_what_is_no_path_is_no_file(session, files):
    with pytest.raises(ks.CaptureError, match=r"a capture file is .*; give its path"):
        session.capture(*files)


@pytest.mark.parametrize("limit", ["x", None, [1], float("nan"), -1])
def test_what_is_no_time_is_no_limit(session, limit):
    with pytest.raises(ks.ScriptError, match="is no time for a hook; give the seconds it may take"):
        session.limit = limit
    with pytest.raises(ks.ScriptError, match="is no time for a hook"):
        ks.Session(limit=limit)


def test_whatever_holds_the_right_value_is_taken(session):
    spec = session.capture(SHOP, names=NAMES, speed=10, duration=3, count=np.int64(5), cache=np.int32(7))
    assert (spec.names, spec.speed, spec.duration, spec.count, spec.cache) == (str(NAMES), "10", 3, 5, 7)
    assert [type(value) for value in (spec.count, spec.cache)] == [int, int]


def test_every_option_of_a_capture_is_in_the_table():
    assert {field.name for field in fields(CaptureSpec)} == {"files", *OPTIONS}
