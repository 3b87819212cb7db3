"""InfluxDB: one point a call, numbers as floats, nothing lost silently."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import Influx
from kubeshark_nb.vendors.influx import flattened
from tests.vendors.conftest import TIME
from tests.vendors.servers.influx import BUCKET, ORGANIZATION, TOKEN
from tests.vendors.servers.influx import Influx as InfluxServer


@pytest.fixture
def influx(server):
    return InfluxServer().serve(server)


def point(server, data, tags=None, token=TOKEN, bucket=BUCKET):
    return Influx(server.url_for("").rstrip("/"), token, ORGANIZATION, bucket, "Status Codes", data, tags or {})


def test_a_point_arrives_stamped_by_the_nodes_clock(office, here, server, influx):
    data = {"200": 3, "latency": 1.5, "ok": True, "path": '/a "b", c=d', "http": {"status": 200, "list": [1, "x"]}}
    assert office.live().call(point(server, data, {"node": "node 1", "empty": "", "none": None, "n": 7}), here) is None
    fields = {"200": 3.0, "latency": 1.5, "ok": True, "path": '/a "b", c=d'}
    fields |= {"http.status": 200.0, "http.list": '[1,"x"]'}
    assert influx.points == [("Status Codes", {"node": "node 1", "n": "7.0"}, fields, TIME)]


def test_a_whole_number_and_then_a_fraction_are_no_conflict(office, here, server, influx):
    desk = office.live()
    desk.call(point(server, {"n": 1}), here)
    desk.call(point(server, {"n": 1.5}), here)
    assert [fields for _, _, fields, _ in influx.points] == [{"n": 1.0}, {"n": 1.5}]


def test_a_real_conflict_is_an_error(office, here, server, influx):
    desk = office.live()
    desk.call(point(server, {"n": 1}), here)
    with pytest.raises(VendorError, match="influxdb: it answered HTTP 422: field type conflict"):
        desk.call(point(server, {"n": "one"}), here)


@pytest.mark.parametrize("data", [{}, {"a": None}, {"a": float("nan"), "b": {}}, {"": 1}])
def test_a_point_without_fields_is_refused_in_every_mode(office, here, server, data):
    for desk in (office.desk(), office.live()):
        with pytest.raises(VendorError, match="influxdb: the data has no field"):
            desk.call(point(server, data), here)
    assert [effect.status for effect in office.effects] == ["refused", "refused"]


@pytest.mark.parametrize(
    ("options", "says"),
    [({"token": "wrong-token"}, "HTTP 401: unauthorized"), ({"bucket": "other-bucket"}, "HTTP 404")],
)
def test_what_influx_refuses_is_an_error(office, here, server, influx, options, says):
    with pytest.raises(VendorError, match=f"influxdb: it answered {says}"):
        office.live().call(point(server, {"n": 1}, **options), here)


def test_in_a_hook_the_point_is_queued_and_its_failure_told_later(office, hook, server, influx):
    desk = office.live()
    desk.call(point(server, {"n": 1}), hook)
    desk.call(point(server, {"n": 1}, token="wrong-token"), hook)
    assert desk.flush() == 0
    assert len(influx.points) == 1
    assert sorted(effect.status for effect in office.effects) == ["failed", "sent"]
    [(message, effect)] = office.failures
    assert message.startswith("influxdb: it answered HTTP 401")
    assert (effect.item, effect.line) == (hook.item, hook.line)


def test_flattening_survives_any_depth():
    document = {"n": 1}
    for _ in range(5000):
        document = {"a": document}
    assert list(flattened(document).values()) == [1.0]
