"""OpenAI: one question, one answer (chat completions, openai)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.call import Call, secret
from kubeshark_nb.vendors.tls import context

if TYPE_CHECKING:
    from kubeshark_nb.vendors.context import Surroundings
    from kubeshark_nb.vendors.settings import Settings

API = "https://api.openai.com/v1"


@dataclass(frozen=True, repr=False)
class Prompt(Call):
    """``chatgpt.prompt(apiKey, prompt, maxTokens?)``; answers the model's text."""

    helper: ClassVar[str] = "chatgpt.prompt"
    service: ClassVar[str] = "chatgpt"
    required: ClassVar[tuple[str, ...]] = ("api_key",)
    api_key: str = secret()
    prompt: str = ""
    max_tokens: int = 1024

    def target(self) -> str:
        return "chatgpt"

    def answer(self, here: Surroundings) -> str:
        return ""

    def send(self, here: Surroundings) -> str:
        client = here.clients.get(_client, self.api_key, here.settings)
        reply = client.chat.completions.create(
            model=here.settings.model,
            messages=[{"role": "user", "content": self.prompt}],
            max_completion_tokens=self.max_tokens,
            timeout=max(0.1, min(here.deadline.left(), here.settings.total_s)),
        )
        choice = reply.choices[0]
        text = (choice.message.content or "").strip()
        if not text and choice.finish_reason == "length":
            raise VendorError(
                f"the answer is empty: all {self.max_tokens} tokens went into thinking; pass a larger maxTokens"
            )
        return text


def _client(key: str, settings: Settings) -> Any:
    from openai import DefaultHttpxClient, OpenAI

    # key and address are explicit, so that none is taken from the environment
    return OpenAI(
        api_key=key,
        base_url=settings.endpoints.get("chatgpt", API),
        max_retries=0,
        http_client=DefaultHttpxClient(verify=context(settings)),
    )
