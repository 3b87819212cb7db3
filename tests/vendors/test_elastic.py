"""Elasticsearch: a document arrives under the id the script gets, with exactly one credential."""

from __future__ import annotations

import base64
import hashlib
import ssl

import pytest
import trustme
from pytest_httpserver import HTTPServer

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import Elastic, Settings
from tests.vendors.servers.elastic import API_KEY, PASSWORD, SERVICE_TOKEN, USER
from tests.vendors.servers.elastic import Elastic as ElasticServer

CREDENTIALS = {
    "basic": {"username": USER, "password": PASSWORD},
    "key": {"api_key": API_KEY, "username": ""},
    "token": {"service_token": SERVICE_TOKEN, "api_key": "", "username": "", "password": ""},
}


@pytest.fixture
def elastic(server):
    return ElasticServer().serve(server)


@pytest.fixture
def encrypted(tmp_path):
    """A server whose certificate only ``ca`` or its fingerprint vouches for, and both."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = authority.issue_cert("127.0.0.1")
    certificate.configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    pem = certificate.cert_chain_pems[0].bytes().decode()
    with HTTPServer(host="127.0.0.1", threaded=True, ssl_context=context) as http:
        yield http, str(tmp_path / "ca.pem"), hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


@pytest.mark.parametrize("credential", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_document_is_stored_under_the_id_that_is_answered(office, here, server, elastic, credential):
    number = office.live().call(Elastic(server.url_for(""), "traffic", {"200": 3}, **credential), here)
    assert elastic.documents == {("traffic", number): {"200": 3}}
    assert elastic.refreshed


@pytest.mark.parametrize(
    ("index", "password", "says"),
    [("traffic", "wrong-password", "HTTP 401: unable to authenticate"), ("-BAD", PASSWORD, "HTTP 400: Invalid index")],
)
def test_what_elastic_refuses_is_an_error(office, here, server, elastic, index, password, says):
    with pytest.raises(VendorError, match=f"elastic: it answered {says}"):
        office.live().call(Elastic(server.url_for(""), index, {}, USER, password), here)


def test_the_fingerprint_alone_is_trusted(office, here, encrypted):
    http, _, fingerprint = encrypted
    server = ElasticServer().serve(http)
    trust = {"service_token": SERVICE_TOKEN, "certificate_fingerprint": fingerprint}
    call = Elastic(http.url_for(""), "traffic", {"a": 1}, **trust)
    office.live().call(call, here)
    assert list(server.documents.values()) == [{"a": 1}]


def test_the_ca_setting_is_trusted(office, here, encrypted):
    http, ca, _ = encrypted
    server = ElasticServer().serve(http)
    call = Elastic(http.url_for(""), "traffic", {"a": 1}, service_token=SERVICE_TOKEN)
    office.live(Settings(ca=ca)).call(call, here)
    assert list(server.documents.values()) == [{"a": 1}]


def test_another_fingerprint_is_not_trusted(office, here, encrypted):
    trust = {"service_token": SERVICE_TOKEN, "certificate_fingerprint": "00" * 32}
    call = Elastic(encrypted[0].url_for(""), "traffic", {}, **trust)
    with pytest.raises(VendorError, match="elastic: no trusted TLS connection with it comes about"):
        office.live().call(call, here)


def test_a_cloud_id_leads_to_its_host(office, here, encrypted):
    http, ca, _ = encrypted
    server = ElasticServer().serve(http)
    host = base64.b64encode(f"0.1:{http.port}$127.0$kibana".encode()).decode()
    call = Elastic("", "traffic", {"a": 1}, "", "", f"deployment:{host}", API_KEY)
    office.live(Settings(ca=ca)).call(call, here)
    assert list(server.documents.values()) == [{"a": 1}]


def test_recorded_ids_are_the_same_in_every_replay(office, here):
    call = Elastic("http://e:9200", "traffic", {})
    one, other = ([desk.call(call, here) for _ in range(2)] for desk in (office.desk(), office.desk()))
    assert one == other
    assert one[0] != one[1]
