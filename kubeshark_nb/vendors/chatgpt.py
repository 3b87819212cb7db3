"""OpenAI: one question, one answer (chat completions, openai)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kubeshark_nb.vendors.call import Call, secret


@dataclass(frozen=True, slots=True, repr=False)
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
