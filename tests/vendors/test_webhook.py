"""Webhooks arrive as written, and their answer comes back."""

from __future__ import annotations

import base64

import pytest
from werkzeug import Response

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import Settings, Webhook, WebhookForm


def test_sends_method_body_and_headers_and_answers_the_body(office, here, server):
    server.expect_oneshot_request("/hook", "PUT", data="{}", headers={"X-One": "1"}).respond_with_data("grüße")
    call = Webhook("put", server.url_for("/hook?a=b"), "{}", {"X-One": "1"})
    assert office.live().call(call, here) == "grüße"
    assert office.effects[0].status == "sent"
    assert office.effects[0].answer == "HTTP 200: grüße"
    assert office.effects[0].target == f"PUT http://127.0.0.1:{server.port}"


def test_any_status_is_a_success_and_the_effect_says_which(office, here, server):
    server.expect_request("/hook").respond_with_data("no", 500)
    assert office.live().call(Webhook("POST", server.url_for("/hook")), here) == "no"
    assert office.effects[0].answer == "HTTP 500: no"


def test_strict_status_makes_it_an_error(office, here, server):
    server.expect_request("/hook").respond_with_data("no", 500)
    with pytest.raises(VendorError, match="webhook: it answered HTTP 500: no"):
        office.live(Settings(strict_status=True)).call(Webhook("POST", server.url_for("/hook")), here)


def test_a_form_is_multipart(office, here, server):
    def read(request):
        return Response(f"{request.mimetype} {request.form['fileName']} {request.form['fileContents']}")

    server.expect_request("/upload", "POST").respond_with_handler(read)
    form = {"fileContents": '{"log":{}}', "fileName": "x.har"}
    reply = office.live().call(WebhookForm("POST", server.url_for("/upload"), form), here)
    assert reply == 'multipart/form-data x.har {"log":{}}'


def test_user_and_password_of_the_url_are_sent(office, here, server):
    expected = "Basic " + base64.b64encode(b"me:p@ss").decode()
    server.expect_request("/hook", headers={"Authorization": expected}).respond_with_data("in")
    url = server.url_for("/hook").replace("http://", "http://me:p%40ss@")
    assert office.live().call(Webhook("GET", url), here) == "in"
    assert "p%40ss" not in str(office.effects)


def test_redirects_are_followed_but_not_forever(office, here, server):
    server.expect_request("/one").respond_with_data(status=307, headers={"Location": "/two"})
    server.expect_request("/two").respond_with_data("there")
    server.expect_request("/round").respond_with_data(status=307, headers={"Location": "/round"})
    desk = office.live()
    assert desk.call(Webhook("POST", server.url_for("/one"), "x"), here) == "there"
    with pytest.raises(VendorError, match="webhook: "):
        desk.call(Webhook("POST", server.url_for("/round"), "x"), here)


def test_a_proxy_of_the_environment_is_used_unless_excepted(office, here, server, monkeypatch):
    server.expect_request("/hook").respond_with_data("through the proxy")
    monkeypatch.setenv("http_proxy", server.url_for(""))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    desk = office.live()
    assert desk.call(Webhook("GET", "http://hooks.example/hook"), here) == "through the proxy"
    assert desk.call(Webhook("GET", server.url_for("/hook")), here) == "through the proxy"


def test_an_endless_reply_is_cut(office, here, server):
    def endless(request):
        return Response((b"x" * 65536 for _ in range(1000)), direct_passthrough=True)

    server.expect_request("/endless").respond_with_handler(endless)
    assert len(office.live().call(Webhook("GET", server.url_for("/endless")), here)) == 8 << 20


@pytest.mark.parametrize("method", ["", "GET /", "G\r\nET", "ГЕТ"])
def test_refuses_what_is_no_method(office, here, method):
    with pytest.raises(VendorError, match="webhook: the method is not an HTTP method"):
        office.desk().call(Webhook(method, "http://127.0.0.1/"), here)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1:80", "http"])
def test_refuses_what_is_no_http_url(office, here, url):
    with pytest.raises(VendorError, match="does not begin with http"):
        office.desk().call(Webhook("GET", url), here)
