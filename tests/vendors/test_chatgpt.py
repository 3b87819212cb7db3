"""ChatGPT: one question, one answer; the key is the script's, never the environment's."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import Prompt, Settings
from tests.vendors.servers.openai import KEY, OpenAI


@pytest.fixture
def openai(server):
    return OpenAI().serve(server)


@pytest.fixture
def desk(office, openai):
    return office.live(Settings(endpoints={"chatgpt": openai.base}))


def test_a_question_is_answered(desk, here, openai):
    openai.text = "  Yes, it failed.\n"
    assert desk.call(Prompt(KEY, "Did it fail?"), here) == "Yes, it failed."
    message = {"role": "user", "content": "Did it fail?"}
    assert openai.asked == [{"model": "gpt-5.4-mini", "messages": [message], "max_completion_tokens": 1024}]


def test_model_and_tokens_can_be_chosen(office, here, openai):
    desk = office.live(Settings(endpoints={"chatgpt": openai.base}, model="gpt-6"))
    desk.call(Prompt(KEY, "?", 5), here)
    assert (openai.asked[0]["model"], openai.asked[0]["max_completion_tokens"]) == ("gpt-6", 5)


def test_an_empty_answer_for_want_of_tokens_is_an_error(desk, here, openai):
    openai.text, openai.finish = "", "length"
    with pytest.raises(VendorError, match="chatgpt: the answer is empty: all 5 tokens"):
        desk.call(Prompt(KEY, "?", 5), here)


def test_a_wrong_key_is_an_error_that_does_not_show_it(office, desk, here):
    with pytest.raises(VendorError, match="chatgpt: it answered HTTP 401: Incorrect API key") as failure:
        desk.call(Prompt("sk-proj-wrong-key-0123456789", "?"), here)
    assert "wrong-key" not in f"{failure.value}{office.effects}"


def test_the_environments_key_is_not_used(desk, here, openai, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(VendorError, match="chatgpt: api_key empty or undefined"):
        desk.call(Prompt("undefined", "?"), here)
    assert openai.asked == []


def test_a_recorded_question_gets_an_empty_answer(office, here):
    assert office.desk().call(Prompt(KEY, "?"), here) == ""
