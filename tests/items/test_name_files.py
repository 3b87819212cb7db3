"""Every kind of name file gives the same answers."""

import json

import pytest

from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.name_files import read_names
from kubeshark_nb.items.names import NOBODY, NameTable

KUBECTL = {
    "kind": "List",
    "items": [
        {
            "kind": "Pod",
            "metadata": {"name": "orders-5d9f", "namespace": "shop"},
            "status": {"podIPs": [{"ip": "10.0.0.9"}, {"ip": "fd00::9"}]},
        },
        {
            "kind": "Pod",
            "metadata": {"name": "agent", "namespace": "kube-system"},
            "spec": {"hostNetwork": True},
            "status": {"podIPs": [{"ip": "10.0.0.1"}]},
        },
        {
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"clusterIPs": ["10.96.0.7", "None"]},
        },
        {
            "kind": "EndpointSlice",
            "metadata": {
                "name": "cart-x1",
                "namespace": "shop",
                "labels": {"kubernetes.io/service-name": "cart"},
            },
            "endpoints": [{"addresses": ["10.0.0.5"], "targetRef": {"name": "cart-0"}}],
            "ports": [{"port": 6379}],
        },
        {"kind": "ConfigMap", "metadata": {"name": "ignored"}},
    ],
}
HISTORY = {"1700000000": {"10.0.0.9": {"FullAddress": "orders.shop", "Namespace": "shop"}}}
SECOND = 1_000_000_000


def table(tmp_path, content: str, name: str = "names") -> NameTable:
    path = tmp_path / name
    path.write_text(content)
    made = NameTable()
    read_names(str(path), made)
    return made


@pytest.mark.parametrize(
    "content",
    [
        '{"10.0.0.9": "orders.shop"}',
        "10.0.0.9: orders.shop\n",
        '"10.0.0.9": {name: orders, namespace: shop}\n',
        "# my hosts\n10.0.0.9  orders.shop orders  # the pod\n\n::1 localhost\n",
        '{"10.0.0.9:80": "orders.shop"}',
    ],
)
def test_the_same_name_in_every_form(tmp_path, content):
    found = table(tmp_path, content).lookup("10.0.0.9", 80, SECOND)
    assert (found.name, found.namespace) == ("orders.shop", "shop")


def test_what_kubectl_prints(tmp_path):
    names = table(tmp_path, json.dumps(KUBECTL))
    assert names.lookup("10.0.0.9", 8080, 0).pod == "orders-5d9f"
    assert names.lookup("fd00::9", 8080, 0).name == "orders-5d9f.shop"
    assert names.lookup("10.96.0.7", 80, 0).service == "web"
    cart = names.lookup("10.0.0.5", 6379, 0)
    assert (cart.name, cart.pod, cart.service) == ("cart.shop", "cart-0", "cart")
    assert names.lookup("10.0.0.5", 1, 0) == NOBODY
    assert names.lookup("10.0.0.1", 80, 0) == NOBODY  # the machine's own address names nobody


def test_a_snapshots_history_begins_when_it_says(tmp_path):
    names = table(tmp_path, json.dumps(HISTORY))
    assert names.lookup("10.0.0.9", 80, 1_699_999_999 * SECOND) == NOBODY
    assert names.lookup("10.0.0.9", 80, 1_700_000_000 * SECOND).name == "orders.shop"


@pytest.mark.parametrize(
    ("content", "says"), [("10.0.0.9\n", "line 1: an address and no name"), ('{"10.0.0.9": 5}', "neither text nor")]
)
def test_what_is_wrong_is_said(tmp_path, content, says):
    with pytest.raises(CaptureError, match=says):
        table(tmp_path, content)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CaptureError, match=r"none\.json: names cannot be read"):
        read_names(str(tmp_path / "none.json"), NameTable())
