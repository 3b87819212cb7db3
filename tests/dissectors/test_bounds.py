"""What waits for an answer is bounded, in number and in bytes, and what is given up is still an item."""

from __future__ import annotations

import pytest

from kubeshark_nb.dissectors import exchange, numbered, turns
from kubeshark_nb.traffic import CLIENT
from tests.dissectors import test_amqp, test_kafka, test_ldap, test_mongodb, test_mysql, test_postgresql, test_redis
from tests.dissectors.told import Heard

LARGE = {
    "redis": (test_redis.ROWS, test_redis.say("SET", "a", "x" * 100_000)[1]),
    "kafka": (test_kafka.ROWS, test_kafka.METADATA[1]),
    "amqp": (test_amqp.ROWS, test_amqp.GET[1]),
    "postgresql": (test_postgresql.ROWS, test_postgresql.message("Q", b"select '%b'\0" % (b"x" * 100_000))),
    "mysql": (test_mysql.ROWS, test_mysql.command(3, b"select '%b'" % (b"x" * 100_000))[1]),
    "mongodb": (test_mongodb.ROWS, test_mongodb.asked(2, {"find": "x" * 10_000, "$db": "a"})[1]),
    "ldap": (test_ldap.ROWS, test_ldap.SEARCH[1]),
}


@pytest.mark.parametrize("name", LARGE)
def test_requests_without_answers_are_given_up_in_time(name, monkeypatch):
    for module in (exchange, turns, numbered):
        monkeypatch.setattr(module, "MAX_HELD", 1 << 20, raising=False)
    for module in ("kafka", "statements"):
        monkeypatch.setattr(f"kubeshark_nb.dissectors.{module}.MAX_HELD", 1 << 20)
    rows, message = LARGE[name]
    heard = Heard(rows)
    times = 3 * (1 << 20) // len(message)
    for at in range(min(times, 200)):
        heard.say(CLIENT, [(message, at)])
    before = len(heard.items)
    heard.end()
    assert len(heard.items) == min(times, 200)
    assert all(item["error"] for item in heard.items)
    if len(message) > 10_000:
        assert before > 5
