"""Starting yeok, reading its streams, ending it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
import unittest
from pathlib import Path

import gateway
from backend import Backend
from talk import Problem

BACKEND = Backend("m", "http://127.0.0.1:1/v1", "nowhere", profile={"blocksPerCall": 1})

# Stands in for `yeok serve`: keeps its settings and environment where the test
# finds them, says that it listens, and waits for its end.
FAKE_YEOK = """#!/bin/sh
cp "$3" "{folder}/settings"
env > "{folder}/environment"
echo "http listening on 127.0.0.1:12345" >&2
trap 'echo ended > "{folder}/ended"; exit 0' TERM
while :; do sleep 0.05; done
"""


class TestEvents(unittest.TestCase):
    """gateway.events reads Server-Sent Events."""

    def test_reads_names_comments_and_split_data(self) -> None:
        lines = [
            b": keep-alive\n",
            b"\n",
            b"event: block\r\n",
            b"id: 7\r\n",
            b'data: {"a":\r\n',
            b"data: 1}\r\n",
            b"\r\n",
            b'data: {"b":2}\n',
            b"\n",
            b"event: cut off\n",
        ]
        self.assertEqual(list(gateway.events(lines)), [("block", {"a": 1}), ("message", {"b": 2})])


class TestMessage(unittest.TestCase):
    """gateway.message finds the sentence in an error."""

    def test_bodies(self) -> None:
        for body, want in (
            (b'{"message":"no body found"}', "no body found"),
            (b"<html>", "<html>"),
            (b"[]", "[]"),
        ):
            with self.subTest(body=body):
                self.assertEqual(gateway.message(body), want)


class TestGateway(unittest.TestCase):
    """gateway.Gateway over a process that only looks like yeok."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def binary(self, script: str) -> Path:
        path = self.folder / "yeok"
        path.write_text(script.replace("{folder}", str(self.folder)), encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def test_starts_and_ends(self) -> None:
        with gateway.Gateway(self.binary(FAKE_YEOK), BACKEND) as started:
            self.assertEqual(started.address, "http://127.0.0.1:12345")
            settings = json.loads((self.folder / "settings").read_text(encoding="utf-8"))
            store = Path(settings["store"])
            self.assertEqual(settings["models"], [BACKEND.setting()])
        self.assertTrue((self.folder / "ended").exists())
        self.assertFalse(store.parent.exists())

    def test_the_users_other_settings_do_not_leak_in(self) -> None:
        os.environ["YEOK_MODEL"] = "another"
        self.addCleanup(os.environ.pop, "YEOK_MODEL", None)
        with gateway.Gateway(self.binary(FAKE_YEOK), BACKEND):
            self.assertNotIn("YEOK_MODEL", (self.folder / "environment").read_text(encoding="utf-8"))

    def test_shows_the_last_words_of_a_failed_start(self) -> None:
        broken = self.binary("#!/bin/sh\necho 'store: permission denied' >&2\nexit 1\n")
        with (
            self.assertRaisesRegex(Problem, "did not start.*\n.*permission denied"),
            gateway.Gateway(broken, BACKEND),
        ):
            self.fail("started")
