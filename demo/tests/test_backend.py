"""Which model the demo asks."""

from __future__ import annotations

import contextlib
import io
import json
import unittest

import backend
from tests.fixture import NOWHERE, site

AWAY = NOWHERE.removesuffix("/model.gguf")


@contextlib.contextmanager
def server(pages: dict[str, object]):
    """A server on loopback that answers these paths with JSON, and 404 otherwise."""

    def answer(handler) -> None:
        if handler.path not in pages:
            handler.send_error(404)
            return
        body = json.dumps(pages[handler.path]).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with site(answer) as (url, _):
        yield url.removesuffix("/model.gguf")


class BackendCase(unittest.TestCase):
    """A test whose talk is kept."""

    def setUp(self) -> None:
        self.talk = io.StringIO()
        redirected = contextlib.redirect_stderr(self.talk)
        redirected.__enter__()
        self.addCleanup(redirected.__exit__, None, None, None)


class TestConfigured(BackendCase):
    """backend.configured: the user's own choice."""

    def test_nothing_set(self) -> None:
        self.assertIsNone(backend.configured({"YEOK_MODEL": "x"}))

    def test_key_and_model(self) -> None:
        got = backend.configured({"OPENAI_API_KEY": "k", "YEOK_MODEL": "big"})
        self.assertEqual(
            got.setting(), {"name": "big", "baseUrl": backend.OPENAI, "apiKeyEnv": "OPENAI_API_KEY"}
        )

    def test_a_key_alone_spends_no_money(self) -> None:
        self.assertIsNone(backend.configured({"OPENAI_API_KEY": "k"}))
        self.assertIn("YEOK_MODEL", self.talk.getvalue())

    def test_asks_a_server_with_one_model_for_its_name(self) -> None:
        with server({"/v1/models": {"data": [{"id": "the-one"}]}}) as address:
            got = backend.configured({"OPENAI_BASE_URL": address + "/v1"})
        self.assertEqual(got.setting(), {"name": "the-one", "baseUrl": address + "/v1"})

    def test_chooses_none_of_several(self) -> None:
        with server({"/v1/models": {"data": [{"id": "one"}, {"id": "two"}]}}) as address:
            self.assertIsNone(backend.configured({"OPENAI_BASE_URL": address + "/v1"}))


class TestOllama(BackendCase):
    """backend.ollama: only what answers like one."""

    TAGS = {
        "models": [
            {"name": "embed:latest", "details": {"family": "nomic-bert"}},
            {"name": "chat:7b", "details": {"family": "qwen2"}},
            {"name": "other:latest", "details": {"family": "llama"}},
        ]
    }

    def find(self, pages: dict[str, object], wanted: str = ""):
        with server(pages) as address:
            return backend.ollama(address, {"YEOK_MODEL": wanted} if wanted else {})

    def test_newest_model_that_writes(self) -> None:
        got = self.find({"/api/version": {"version": "1"}, "/api/tags": self.TAGS})
        self.assertEqual(got.name, "chat:7b")
        self.assertEqual(got.profile["contextWindow"], 4096)
        self.assertNotIn("extra", got.profile)

    def test_the_model_that_is_wanted(self) -> None:
        got = self.find({"/api/version": {"version": "1"}, "/api/tags": self.TAGS}, wanted="other")
        self.assertEqual(got.name, "other")

    def test_not_without_the_wanted_model(self) -> None:
        self.assertIsNone(
            self.find({"/api/version": {"version": "1"}, "/api/tags": self.TAGS}, wanted="none")
        )
        self.assertIn("ollama pull none", self.talk.getvalue())

    def test_not_without_a_model(self) -> None:
        self.assertIsNone(self.find({"/api/version": {"version": "1"}, "/api/tags": {"models": []}}))

    def test_not_something_else_on_that_port(self) -> None:
        self.assertIsNone(self.find({"/": {}}))
        self.assertIsNone(backend.ollama(AWAY, {}))


class TestLlamaCpp(BackendCase):
    """backend.llama_cpp: port 8080 is popular, so the answer must be its own."""

    def test_takes_window_and_slots_from_the_server(self) -> None:
        pages = {
            "/v1/models": {"data": [{"id": "m.gguf", "owned_by": "llamacpp"}]},
            "/props": {"total_slots": 2, "default_generation_settings": {"n_ctx": 8192}},
        }
        with server(pages) as address:
            got = backend.llama_cpp(address)
        self.assertEqual((got.name, got.base_url), ("m.gguf", address + "/v1"))
        self.assertEqual((got.profile["contextWindow"], got.profile["concurrency"]), (8192, 2))
        self.assertEqual(got.profile["extra"]["repeat_penalty"], 1.1)

    def test_leaves_anything_else_alone(self) -> None:
        for pages in (
            {},
            {"/v1/models": {"data": [{"id": "m", "owned_by": "somebody"}]}},
            {"/v1/models": []},
        ):
            with self.subTest(pages=pages), server(pages) as address:
                self.assertIsNone(backend.llama_cpp(address))
        self.assertIsNone(backend.llama_cpp(AWAY))
