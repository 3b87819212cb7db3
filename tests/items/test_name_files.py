"""Every kind of name file gives the same answers."""

import json
import time

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


ODD = {
    "10.0.0.9\n": "line 1: an address and no name",
    '{"10.0.0.9": 5}': "the name of '10.0.0.9' is neither text nor a mapping",
    '{"10.0.0.9": ""}': "the name of '10.0.0.9' is neither text nor a mapping",
    '{"10.0.0.9": {}}': "the name of '10.0.0.9' has none of name, namespace, pod, service",
    '{"10.0.0.9": {"name": ["x"]}}': "the name of '10.0.0.9': its 'name' is no text",
    '{"not an address": "x"}': "'not an address' is no address",
    '{"10.0.0.9:70000": "x"}': "'10.0.0.9:70000' is no address",
    "This is prose,\nwith no addresses in it.\n": "line 1: 'This' is no address",
    "note: the incident of friday\n": "'note' is no address",
    '["10.0.0.9"]': "a list, and no mapping of addresses",
    '{"1": "x"}': "entry '1' holds no addresses with names",
    '{"1": {"10.0.0.9": "x"}}': "entry '1': '10.0.0.9' has no FullAddress and Namespace that are texts",
    '{"1": {"10.0.0.9": {"FullAddress": 5}}}': "entry '1': '10.0.0.9' has no FullAddress",
    '{"99999999999999999999": {"10.0.0.9": {"FullAddress": "x"}}}': "entry '99999999999999999999' is no time",
    '{"1": {"a.b": {"FullAddress": "a.b"}}}': "times with names, and not one address",
    '{"kind": [1]}': "'kind' is no address",
    '{"kind": "List", "items": null}': "a List with no list of items in it",
    '{"kind": "List", "items": [1]}': r"items\[0\] is not as kubectl prints it",
    '{"kind": "List", "items": [{"kind": ["Pod"]}]}': r"items\[0\] is not as kubectl prints it",
    '{"kind": "PodList", "items": [{"kind": "Pod", "status": {"podIPs": [{}]}}]}': r"items\[0\] is not as kubectl",
    "10.0.0.9: 2001-99-99\n": "not YAML .*needs quotes",
    "10.0.0.9: !!timestamp soon\n": "not YAML",
    "[" * 2000: "nested too deeply",
}


@pytest.mark.parametrize("content", ODD)
def test_what_is_wrong_is_said_with_its_place_and_the_fix(tmp_path, content):
    with pytest.raises(CaptureError, match=rf"names: {ODD[content]}.*; expected addresses with names") as caught:
        table(tmp_path, content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "# nothing but a comment\n",
        "127.0.0.1 localhost\n::1 localhost ip6-localhost\nfe80::1%lo0 localhost\n",
        '{"[fd00::9]:80": "orders.shop", "fd00::9": {"pod": "orders-0"}}',
        '{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "p"}, "status": {"podIPs": null}}]}',
        json.dumps({"1": {"10.0.0.9:80": {"FullAddress": "a.b", "Namespace": None}, "a.b": {"FullAddress": "a.b"}}}),
        '{"1": {}}',
        json.dumps(KUBECTL["items"][0]),
        "kind: PodList\nitems: []\n",
        "\ufeff10.0.0.9 orders.shop\n",
    ],
)
def test_what_is_odd_but_right_is_accepted(tmp_path, content):
    table(tmp_path, content)


def test_large_output_of_kubectl_is_read_at_once(tmp_path):
    pods = [
        {**KUBECTL["items"][0], "metadata": {"name": f"p{number}"}, "spec": {"x": ["y"] * 40}} for number in range(3000)
    ]
    began = time.monotonic()
    table(tmp_path, json.dumps({"kind": "PodList", "items": pods}, indent=1))
    assert time.monotonic() - began < 20


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CaptureError, match=r"none\.json: names cannot be read"):
        read_names(str(tmp_path / "none.json"), NameTable())
