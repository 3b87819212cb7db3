"""The desk: who may send, what is shown, what a script gets, and how long it takes."""

from __future__ import annotations

import pickle
import signal
import socket
import threading
import time

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import (
    Failure,
    Prompt,
    S3Clear,
    Secrets,
    Settings,
    SlackBot,
    SlackWebhook,
    VendorPolicy,
    Webhook,
)

LIVE_WEBHOOKS = VendorPolicy().switched("live", ["webhook", "slack"])


@pytest.fixture
def gate(server):
    """A server that answers when it is let to."""
    opened = threading.Event()

    def wait(request):
        opened.wait(10)
        return ""

    server.expect_request("/slow").respond_with_handler(lambda request: _ok(wait(request)))
    yield opened
    opened.set()


def _ok(text):
    from werkzeug import Response

    return Response(text or "ok")


def test_a_recorded_call_is_listed_with_its_place_and_answered(office, hook):
    call = SlackBot("xoxb-1-2-secret", "C1", "Alert", "text", "#f00", {"Service": "orders"})
    assert office.desk().call(call, hook) is None
    [effect] = office.effects
    assert (effect.time, effect.script, effect.line) == (hook.time, "alerts.js", 3)
    assert (effect.hook, effect.item, effect.node) == ("onItemCaptured", hook.item, "node-1")
    assert (effect.helper, effect.target, effect.status, effect.number) == (
        "vendor.slackBot",
        "channel C1",
        "recorded",
        1,
    )
    assert effect.request == (
        '{"token": "•••", "channel": "C1", "pretext": "Alert", "text": "text", "color": "#f00",'
        ' "fields": {"Service": "orders"}}'
    )


def test_a_call_is_listed_under_the_name_the_script_used(office, here):
    desk = office.desk(VendorPolicy().answering("vendor.slack", "old form"))
    assert desk.call(SlackBot("xoxb-1-2-secret", "C1"), here, helper="vendor.slack") == "old form"
    assert office.effects[0].helper == "vendor.slack"


def test_long_requests_and_answers_are_cut(office, here):
    desk = office.desk(VendorPolicy().answering("chatgpt.prompt", "y" * 5000))
    assert len(desk.call(Prompt("sk-key", "x" * 10_000), here)) == 5000
    assert (len(office.effects[0].request), len(office.effects[0].answer)) == (2000, 2000)


def test_half_a_surrogate_pair_does_not_hurt(office, here):
    office.desk().call(Prompt("sk-\ud83d-key", "\ud83d"), here)
    assert office.effects[0].request.encode()


@pytest.mark.parametrize("value", ["undefined", "null", ""])
def test_what_is_missing_is_noted_when_recorded_and_refused_when_live(office, here, value):
    office.desk().call(SlackWebhook(value, "Alert", "text", "#f00"), here)
    assert '"missing": ["url"]' in office.effects[0].request
    with pytest.raises(VendorError, match=r"slack: url empty or undefined \(is it in env\?\)"):
        office.live().call(SlackWebhook(value, "Alert", "text", "#f00"), here)
    assert office.effects[1].status == "refused"


def test_answers_are_scripted_in_turn_and_may_fail(office, here):
    policy = VendorPolicy().answering("chatgpt.prompt", "No", Failure("no more tokens"), "Yes")
    desk, call = office.desk(policy), Prompt("sk-key", "?")
    assert desk.call(call, here) == "No"
    with pytest.raises(VendorError, match="no more tokens"):
        desk.call(call, here)
    assert [desk.call(call, here), desk.call(call, here)] == ["Yes", "Yes"]
    assert [effect.answer for effect in office.effects] == ["No", "no more tokens", "Yes", "Yes"]
    desk.use(policy.answering("chatgpt.prompt"))
    assert desk.call(call, here) == ""


def test_scripted_answers_are_not_given_for_what_is_sent(office, here, server):
    server.expect_request("/hook").respond_with_data("real")
    desk = office.desk(LIVE_WEBHOOKS.answering("vendor.webhook", "scripted"), live=True)
    assert desk.call(Webhook("GET", server.url_for("/hook")), here) == "real"


def test_off_answers_and_lists_nothing_but_counts(office, here):
    desk = office.desk(VendorPolicy().switched("off", ["openai"]))
    assert desk.call(Prompt("sk-key", "?"), here) == ""
    assert (office.effects, desk.counts["off"]) == ([], 1)


def test_beyond_the_maximum_calls_are_recorded(office, here, server):
    server.expect_request("/hook").respond_with_data("in")
    desk = office.desk(VendorPolicy().switched("live", ["webhook"], maximum=2), live=True)
    answers = [desk.call(Webhook("GET", server.url_for("/hook")), here) for _ in range(3)]
    assert answers == ["in", "in", ""]
    assert [effect.status for effect in office.effects] == ["sent", "sent", "recorded"]
    assert "the 2 calls allowed by --max are sent" in office.effects[2].request


def test_a_recorded_call_can_be_sent_later(office, here, server):
    server.expect_oneshot_request("/hook", data="body").respond_with_data("in")
    desk = office.desk()
    desk.call(Webhook("POST", server.url_for("/hook"), "body"), here)
    assert desk.send_now(office.effects[0].number) == "in"
    assert [(effect.status, effect.number) for effect in office.effects] == [("recorded", 1), ("sent", 1)]
    with pytest.raises(VendorError, match="call 99 is not kept"):
        desk.send_now(99)


@pytest.mark.parametrize("call", [S3Clear("b", "us-east-1"), Webhook("GET", "")])
def test_what_may_not_be_sent_may_not_be_sent_later_either(office, here, call):
    desk = office.desk()
    desk.call(call, here)
    with pytest.raises(VendorError, match=r"--allow-clear|empty or undefined"):
        desk.send_now(1)
    assert [effect.status for effect in office.effects] == ["recorded", "refused"]


def test_a_dripping_server_is_given_up_on_time(office, here):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drip, args=(listener,), daemon=True).start()
        desk = office.live(Settings(total_s=0.5))
        began = time.monotonic()
        with pytest.raises(VendorError, match=r"webhook: it gave no answer within 0\.5 s"):
            desk.call(Webhook("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/"), here)
        assert time.monotonic() - began < 5
    assert [effect.status for effect in office.effects] == ["failed"]


def drip(listener):
    connection, _ = listener.accept()
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(300):  # three times as long as anybody should wait
        time.sleep(0.05)
        try:
            connection.sendall(b"x")
        except OSError:
            return


def test_a_call_that_waits_can_be_stopped(office, here, server, gate):
    def stop(number, frame):
        raise TimeoutError("stop")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(TimeoutError, match="stop"):
            office.live().call(Webhook("GET", server.url_for("/slow")), here)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert [(effect.status, effect.answer) for effect in office.effects] == [("failed", "it was not waited for")]


def test_no_setting_makes_a_helper_wait_longer_than_twenty_seconds(office, here):
    assert office.live(Settings(total_s=1000))._surroundings(here, 1).deadline.seconds == 20


def test_a_hook_does_not_wait_for_an_answer_nobody_needs(office, hook, server, gate):
    desk = office.live(Settings(patience_s=0))
    for _ in range(8):
        desk.call(SlackWebhook(server.url_for("/slow"), "Alert", "text", "#f00"), hook)
    assert office.effects == []
    gate.set()
    assert desk.flush() == 0
    assert [effect.status for effect in office.effects] == ["sent"] * 8


def test_at_top_level_and_in_jobs_it_does(office, here, server):
    server.expect_request("/hook").respond_with_data("no_team", 404)
    with pytest.raises(VendorError, match="slack: it answered HTTP 404: no_team"):
        office.live().call(SlackWebhook(server.url_for("/hook"), "Alert", "text", "#f00"), here)


def test_a_full_queue_holds_back_and_then_drops_counted_and_shown(office, hook, server, gate):
    desk = office.live(Settings(queue_size=2, patience_s=0.1))
    call = SlackWebhook(server.url_for("/slow"), "Alert", "text", "#f00")
    for _ in range(10):
        desk.call(call, hook)
    dropped = desk.counts["dropped"]
    assert {message for message, _ in office.failures} == {"slack: the queue was full for 0.1 s"}
    assert dropped == len(office.failures) == len(office.effects)
    gate.set()
    assert desk.flush() == 0
    assert desk.counts["sent"] + dropped == 10


def test_a_queued_call_to_a_dead_target_does_not_stop_the_hook(office, hook):
    desk = office.live(Settings(breaker_failures=1, connect_s=0.3))
    call = SlackWebhook("http://127.0.0.1:9/services/x", "Alert", "text", "#f00")
    for _ in range(2):
        desk.call(call, hook)
        desk.flush()
    assert [effect.status for effect in office.effects] == ["failed", "dropped"]
    assert [message.partition(":")[0] for message, _ in office.failures] == ["slack", "slack"]


def test_a_dead_target_is_left_alone_and_others_are_not(office, here, server):
    server.expect_request("/hook").respond_with_data("in")
    desk = office.live(Settings(breaker_failures=2, connect_s=0.3))
    dead, alive = Webhook("GET", "http://127.0.0.1:9/"), Webhook("GET", server.url_for("/hook"))
    for _ in range(2):
        with pytest.raises(VendorError, match="unreachable"):
            desk.call(dead, here)
    with pytest.raises(VendorError, match="webhook: left alone for 10 s more after failures in a row"):
        desk.call(dead, here)
    assert desk.call(alive, here) == "in"
    assert [effect.status for effect in office.effects] == ["failed", "failed", "dropped", "sent"]


def test_retry_after_is_honoured_at_once(office, here, server):
    server.expect_request("/hook").respond_with_data("slow down", 429, headers={"Retry-After": "7"})
    desk, call = office.live(), SlackWebhook(server.url_for("/hook"), "Alert", "text", "#f00")
    with pytest.raises(VendorError, match="slack: it answered HTTP 429, and asks to wait 7 s: slow down"):
        desk.call(call, here)
    with pytest.raises(VendorError, match="slack: left alone for 7 s more"):
        desk.call(call, here)


def test_a_refused_request_says_nothing_about_the_target(office, here, server):
    server.expect_request("/hook").respond_with_data("invalid_payload", 400)
    desk, call = office.live(Settings(breaker_failures=1)), SlackWebhook(server.url_for("/hook"), "A", "text", "#f00")
    for _ in range(3):
        with pytest.raises(VendorError, match="HTTP 400"):
            desk.call(call, here)


def test_a_second_desk_works_from_a_pickled_policy_and_pickled_secrets(office, here):
    policy = VendorPolicy(settings=Settings(ca="ca.pem")).answering("chatgpt.prompt", "No")
    secrets = Secrets(["a secret value"])
    desk = office.desk(pickle.loads(pickle.dumps(policy)), secrets=pickle.loads(pickle.dumps(secrets)))
    assert desk.call(Prompt("sk-key", "a secret value"), here) == "No"
    assert "a secret value" not in office.effects[0].request


def test_a_missing_ca_file_is_said_plainly(office, here):
    with pytest.raises(VendorError, match="slack: the file of ca= cannot be read"):
        office.live(Settings(ca="/no/such/file.pem")).call(
            SlackWebhook("https://127.0.0.1:9/x", "A", "t", "#f00"), here
        )
