"""AMQP 0-9-1: methods, contents, channels, both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands
from pamqp.body import ContentBody
from pamqp.frame import marshal
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat

from kubeshark_nb.dissectors import amqp
from kubeshark_nb.dissectors.amqp_message import spoken
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, behind_gap, brief, byte_by_byte, middle, side_by_side, turn_by_turn

ROWS = (StreamRow("amqp", amqp.probe, amqp.Amqp),)
Basic, Queue, Connection = commands.Basic, commands.Queue, commands.Connection


def says(side, *frames, channel=1) -> tuple[int, bytes]:
    return side, b"".join(marshal(frame, channel) for frame in frames)


def content(method, *parts: bytes, **properties):
    size = sum(map(len, parts))
    return method, ContentHeader(0, size, Basic.Properties(**properties)), *map(ContentBody, parts)


GREETING = (CLIENT, b"AMQP\0\0\x09\x01")
START = says(SERVER, Connection.Start(0, 9, {"product": "RabbitMQ"}, "PLAIN", "en_US"), channel=0)
START_OK = says(CLIENT, Connection.StartOk({"product": "pika"}, "PLAIN", "\0guest\0guest", "en_US"), channel=0)
DECLARE = says(CLIENT, Queue.Declare(queue="orders", durable=True, arguments={"x-max-length": 10}))
DECLARED = says(SERVER, Queue.DeclareOk("orders", 3, 0))
PUBLISH = says(
    CLIENT, *content(Basic.Publish(exchange="ex", routing_key="o.1"), b"hel", b"lo", headers={"a": 1}, delivery_mode=2)
)
DELIVER = says(SERVER, *content(Basic.Deliver("ct", 7, False, "ex", "o.1"), b"\xff\xfe"), Heartbeat())
GET = says(CLIENT, Basic.Get(queue="orders"))
GOT = says(SERVER, *content(Basic.GetOk(8, False, "ex", "o.1", 2), b"hi"))
CLOSE = says(CLIENT, Connection.Close(200, "bye", 0, 0), channel=0)
CLOSED = says(SERVER, Connection.CloseOk(), channel=0)
CONVERSATION = [GREETING, START, START_OK, DECLARE, DECLARED, PUBLISH, DELIVER, GET, GOT, CLOSE, CLOSED]


@pytest.mark.parametrize("way", WAYS)
def test_reads_the_same_however_the_bytes_arrive(way):
    heard = WAYS[way](ROWS, CONVERSATION)
    start, declare, publish, deliver, get, close = sorted(heard.items, key=lambda one: one["timestamp"])
    assert not heard.stats.undissected
    assert start["request"] == {
        "method": "connection start",
        "versionMajor": 0,
        "versionMinor": 9,
        "serverProperties": {"product": "RabbitMQ"},
        "mechanisms": "PLAIN",
        "locales": "en_US",
    }
    assert (start["response"]["method"], start["src"]["port"]) == ("connection start-ok", "1234")
    assert declare["request"] == {
        "method": "queue declare",
        "queue": "orders",
        "passive": False,
        "durable": True,
        "exclusive": False,
        "autoDelete": False,
        "noWait": False,
        "arguments": {"x-max-length": 10},
    }
    assert declare["response"] == {
        "method": "queue declare-ok",
        "queue": "orders",
        "messageCount": 3,
        "consumerCount": 0,
    }
    assert (publish["request"]["exchange"], publish["request"]["body"]) == ("ex", "aGVsbG8=")
    assert publish["request"]["properties"]["headers"] == {"a": 1}
    assert publish["request"]["properties"]["deliveryMode"] == 2
    assert publish["response"] == {"method": "empty"}
    assert publish["requestSize"] == len(PUBLISH[1])
    assert (deliver["request"]["consumerTag"], deliver["request"]["body"], deliver["src"]["port"]) == (
        "ct",
        "//4=",
        "1234",
    )
    assert (get["response"]["method"], get["response"]["body"]) == ("basic get-ok", "aGk=")
    assert close["request"] == {
        "method": "connection close",
        "relyCode": 200,
        "replyText": "bye",
        "classId": 0,
        "methodId": 0,
    }
    assert all(item["error"] is None for item in heard.items)


def test_a_stream_without_its_start_and_the_server_read_first_gives_the_same():
    turns = CONVERSATION[3:]
    assert brief(middle(ROWS, turns)) == brief(turn_by_turn(ROWS, turns))


def test_what_both_say_waits_for_what_only_one_says():
    turns = [DELIVER, says(CLIENT, Basic.Ack(7))]
    for order in ((SERVER, CLIENT), (CLIENT, SERVER)):
        heard = side_by_side(ROWS, turns, caller=None, order=order)
        assert {(item["request"]["method"], item["src"]["port"]) for item in heard.items} == {
            ("basic deliver", "1234"), ("basic ack", "50000"),
        }  # fmt: skip


def test_row_members():
    rows = turn_by_turn(ROWS, CONVERSATION).rows
    assert [(row.method, row.path) for row in rows] == [
        ("connection start", "0.9"),
        ("queue declare", "orders"),
        ("basic publish", "ex"),
        ("basic deliver", "ex"),
        ("basic get", "orders"),
        ("connection close", "bye"),
    ]


def test_channels_do_not_mix():
    declare = [says(CLIENT, Queue.Declare(queue=f"q{at}"), channel=at) for at in (1, 2)]
    done = [says(SERVER, Queue.DeclareOk(f"q{at}", at, 0), channel=at) for at in (2, 1)]
    heard = turn_by_turn(ROWS, [*declare, *done])
    assert [(item["request"]["queue"], item["response"]["messageCount"]) for item in heard.items] == [
        ("q2", 2),
        ("q1", 1),
    ]


def test_nobody_waits_for_an_answer_that_is_not_wanted():
    [item] = turn_by_turn(ROWS, [says(CLIENT, Queue.Declare(queue="q", nowait=True))]).items
    assert (item["response"], item["error"]) == ({"method": "empty"}, None)


def test_a_closed_channel_answers_what_was_asked_on_it():
    refused = says(SERVER, commands.Channel.Close(404, "NOT_FOUND", 50, 10))
    turns = [DECLARE, refused, says(CLIENT, commands.Channel.CloseOk()), DECLARE, DECLARED]
    for hear in (turn_by_turn, WAYS["side by side"]):
        items = sorted(hear(ROWS, turns).items, key=lambda item: item["timestamp"])
        assert [item["error"] and item["error"]["msg"] for item in items] == [
            "the channel was closed: NOT_FOUND", None, None,
        ]  # fmt: skip


def test_what_is_never_answered_says_so():
    [item] = turn_by_turn(ROWS, [DECLARE]).items
    assert (item["response"], item["error"]["type"]) == ({}, "connection")


def test_a_body_with_a_gap_is_what_there_is_of_it():
    body = says(CLIENT, *content(Basic.Publish(exchange="ex"), b"a" * 50, b"b" * 50))[1]
    cut = body.index(b"b" * 50) + 10
    heard = behind_gap(ROWS, [(CLIENT, body[:cut]), (CLIENT, body[cut:-9]), (CLIENT, body[-9:]), DECLARE, DECLARED], 1)
    publish, declare = heard.items
    assert publish["request"]["body"].startswith("YWFh")
    assert declare["response"]["queue"] == "orders"
    assert heard.stats.truncated == 1


@pytest.mark.parametrize("missing", [3, 4, 5, 6])
def test_behind_a_gap_only_what_is_in_it_is_missing(missing):
    heard = behind_gap(ROWS, CONVERSATION, missing)
    methods = [item["request"].get("method") for item in heard.items if not item["error"]]
    assert methods[-2:] == ["basic get", "connection close"]


def test_names():
    assert [spoken(name) for name in ("Basic.RecoverAsync", "Tx.SelectOk", "Basic.GetEmpty")] == [
        "basic recover-async", "tx select-ok", "basic get-empty",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (GREETING[1], Says.CLIENT),
        (b"AMQ", Says.MORE),
        (says(CLIENT, Basic.Ack(7))[1], Says.MORE),
        (b"AMQP\0\1\0\0", Says.NO),
        (DECLARE[1], Says.CLIENT),
        (DECLARE[1][:9], Says.MORE),
        (DECLARED[1], Says.SERVER),
        (DELIVER[1], Says.SERVER),
        (b"\x01\x00\x01\x00\x00\x00\x05\x00\x32\x00\x0aQ!", Says.NO),
        (b"GET / HTTP/1.1\r\n", Says.NO),
    ],
)
def test_recognised_by_content(head, expected):
    assert amqp.probe(head) is expected


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    changed = []
    for side, said in CONVERSATION:
        at = data.draw(st.integers(0, len(said) - 1))
        changed.append((side, said[:at] + data.draw(st.binary(max_size=3)) + said[at + 1 :]))
    heard = byte_by_byte(ROWS, changed)
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]
