"""yeok itself: built, started on free loopback ports, asked, ended."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend import Backend
from packages import last_lines
from talk import Problem, say

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "bin" / "yeok"

# Seconds until yeok must listen.
READY_WITHIN = 30.0
# Seconds without a byte of a stream before the demo gives up.
SILENCE = 300.0

NO_GO = """Go is missing; yeok is built with Go 1.26 or newer. Install it, then start again:
  macOS            brew install go
  Debian, Ubuntu   apt-get install golang-go   (1.21 or newer fetches 1.26 by itself)
  elsewhere        https://go.dev/doc/install"""


def build() -> Path:
    """Builds yeok where Go is there, else takes what was built before. Raises Problem."""
    if shutil.which("go") is None:
        if BINARY.exists():
            return BINARY
        raise Problem(NO_GO)
    if not BINARY.exists():
        say("Building yeok (the first time takes a minute or two) …")
    done = subprocess.run(
        ["go", "build", "-o", str(BINARY), "./cmd/yeok"], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise Problem(f"yeok does not build:\n{last_lines(done.stderr, 10)}")
    return BINARY


class Gateway:
    """A running `yeok serve` with a store of its own; leaving the `with` block ends it."""

    def __init__(self, binary: Path, backend: Backend) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="yeok-demo-")
        self.log = Path(self.folder.name) / "yeok.log"
        settings = Path(self.folder.name) / "yeok.yaml"
        settings.write_text(self.settings(backend), encoding="utf-8")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(binary), "serve", "--config", str(settings)],
                env=environment(backend),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which ends yeok in its turn
            )
        self.address = ""

    def settings(self, backend: Backend) -> str:
        """yeok's settings file. JSON is YAML, and needs no library."""
        settings: dict[str, Any] = {
            "httpAddr": "127.0.0.1:0",
            "grpcAddr": "127.0.0.1:0",
            "adminAddr": "127.0.0.1:0",
            "store": str(Path(self.folder.name) / "yeok.db"),
            "models": [backend.setting()],
        }
        if backend.prompt_dir:
            settings["promptDir"] = backend.prompt_dir
        return json.dumps(settings, indent=2)

    def __enter__(self) -> Gateway:
        try:
            self.address = self.ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ready(self) -> str:
        """Waits until yeok listens; its base URL. Raises Problem."""
        give_up = time.monotonic() + READY_WITHIN
        while time.monotonic() < give_up and self.process.poll() is None:
            found = re.search(r"http listening on (\S+)", self.words())
            if found:
                return "http://" + found.group(1)
            time.sleep(0.05)
        raise Problem(f"yeok did not start; its last words:\n{last_lines(self.words(), 8)}")

    def words(self) -> str:
        """What yeok has said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Ends yeok: politely, then surely; its store goes with it."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call with one answer. Raises Problem with what yeok says about a failure."""
        with self.post(path, body, "application/json") as answer:
            return json.load(answer)

    def stream(self, path: str, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The Server-Sent Events of one call, as (name, data). Raises Problem."""
        with self.post(path, body, "text/event-stream") as answer:
            yield from events(answer)

    def post(self, path: str, body: dict[str, Any], accept: str):
        """Sends one request; the open answer. Raises Problem."""
        request = urllib.request.Request(
            self.address + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Accept": accept},
        )
        try:
            return urllib.request.urlopen(request, timeout=SILENCE)
        except urllib.error.HTTPError as refused:
            raise Problem(f"yeok answers {refused.code}: {message(refused.read())}") from refused
        except OSError as broken:
            raise Problem(
                f"yeok does not answer ({broken}); its last words:\n{last_lines(self.words(), 8)}"
            ) from broken


def environment(backend: Backend) -> dict[str, str]:
    """The user's environment less what would override the demo's own settings."""
    ours = (backend.api_key_env,)
    return {k: v for k, v in os.environ.items() if k in ours or not k.startswith(("YEOK_", "OPENAI_"))}


def events(lines) -> Iterator[tuple[str, dict[str, Any]]]:
    """Reads Server-Sent Events from an answer's lines."""
    name: str | None = None
    data: list[str] = []
    for raw in lines:
        line = raw.decode("utf-8").rstrip("\r\n")
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].lstrip(" "))
        elif not line and data:
            yield name or "message", json.loads("\n".join(data))
            name, data = None, []


def message(body: bytes) -> str:
    """The sentence in an error's body, or the body when it holds none."""
    try:
        return json.loads(body)["message"]
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace")[:500]
