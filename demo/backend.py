"""Which model the demo asks: the configured one, one that already runs, or its own.

Every backend ends up as one entry of yeok's `models:` setting. What is hosted or
chosen by the user gets the whole article in one call; what runs on this machine
is taken for small and gets one block a call.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from talk import say

OLLAMA = "http://127.0.0.1:11434"
LLAMA_CPP = "http://127.0.0.1:8080"
OPENAI = "https://api.openai.com/v1"

# Sampling fields of llama.cpp's server. Without the penalty a small model loops on
# lists of names.
LLAMA_CPP_EXTRA = {"repeat_penalty": 1.1, "repeat_last_n": 128, "cache_prompt": True}

# Ollama's own default window: what is longer is cut without a word.
OLLAMA_WINDOW = 4_096


@dataclass(frozen=True)
class Backend:
    """A model behind an OpenAI-compatible server, as yeok's settings name it."""

    name: str
    base_url: str
    where: str  # for the screen
    api_key_env: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)
    prompt_dir: str = ""  # templates of its own; "" for yeok's

    def setting(self) -> dict[str, Any]:
        """The entry of yeok's `models:` setting."""
        entry: dict[str, Any] = {"name": self.name, "baseUrl": self.base_url}
        if self.api_key_env:
            entry["apiKeyEnv"] = self.api_key_env
        if self.profile:
            entry["profile"] = dict(self.profile)
        return entry


def small_profile(window: int, concurrency: int, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """How a small model wants to be asked: one block a call, a short prompt."""
    profile: dict[str, Any] = {
        "blocksPerCall": 1,
        "prompt": "compact",
        "contextWindow": window,
        "concurrency": concurrency,
        "temperature": 0,
    }
    if extra:
        profile["extra"] = dict(extra)
    return profile


def existing() -> Backend | None:
    """The model that is configured or already running, or None."""
    return configured(os.environ) or ollama(OLLAMA, os.environ) or llama_cpp(LLAMA_CPP)


def configured(environment: Mapping[str, str]) -> Backend | None:
    """The endpoint that the user's environment names.

    A key alone is not used: which model to pay for is the user's choice.
    """
    key, base_url = environment.get("OPENAI_API_KEY", ""), environment.get("OPENAI_BASE_URL", "")
    if not key and not base_url:
        return None
    model = environment.get("YEOK_MODEL") or only_model(base_url)
    if not model:
        say("OPENAI_API_KEY or OPENAI_BASE_URL is set, but YEOK_MODEL does not say which model; not used.")
        return None
    base_url = base_url or OPENAI
    return Backend(model, base_url, f"configured, {base_url}", "OPENAI_API_KEY" if key else "")


def only_model(base_url: str) -> str:
    """The server's model when it has exactly one, else ""."""
    listed = (get(base_url.rstrip("/") + "/models") or {}).get("data") or [] if base_url else []
    return listed[0].get("id", "") if len(listed) == 1 else ""


def ollama(address: str, environment: Mapping[str, str]) -> Backend | None:
    """The Ollama at `address` with YEOK_MODEL or its most recently changed model."""
    if "version" not in (get(address + "/api/version") or {}):
        return None
    models = [m["name"] for m in (get(address + "/api/tags") or {}).get("models", []) if writes(m)]
    wanted = environment.get("YEOK_MODEL", "")
    if wanted and wanted not in models and wanted + ":latest" not in models:
        say(f"Ollama runs, but has no {wanted} (`ollama pull {wanted}` brings it); not used.")
        return None
    if not models:
        say("Ollama runs, but has no model (`ollama pull qwen2.5:7b` brings one); not used.")
        return None
    name = wanted or models[0]
    return Backend(name, address + "/v1", f"Ollama, {address}", profile=small_profile(OLLAMA_WINDOW, 2))


def writes(model: Mapping[str, Any]) -> bool:
    """Whether an entry of Ollama's list is a model that writes, not one that embeds."""
    return "bert" not in (model.get("details") or {}).get("family", "")


def llama_cpp(address: str) -> Backend | None:
    """The llama.cpp server at `address`; anything else there is left alone."""
    listed = (get(address + "/v1/models") or {}).get("data") or []
    if not listed or listed[0].get("owned_by") != "llamacpp":
        return None
    properties = get(address + "/props") or {}
    window = (properties.get("default_generation_settings") or {}).get("n_ctx") or OLLAMA_WINDOW
    profile = small_profile(window, properties.get("total_slots") or 1, LLAMA_CPP_EXTRA)
    return Backend(listed[0]["id"], address + "/v1", f"llama.cpp, {address}", profile=profile)


def get(url: str) -> dict[str, Any] | None:
    """The JSON object at `url`, or None when there is none. Waits a second at most."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            document = json.loads(answer.read(1 << 20))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None
