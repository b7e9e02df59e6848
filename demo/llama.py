"""llama.cpp's own HTTP server, from a pinned prebuilt package, on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import packages
from talk import Problem, say

HERE = Path(__file__).resolve().parent
REQUIREMENT = packages.read_requirements(HERE / "llama-server.txt")[0]

# Calls answered side by side, and the window of each. Four calls at once give a
# quarter more tokens a second on two cores than one.
SLOTS = 4
SLOT_TOKENS = 4_096

# Threads that wait do not spin: yeok, and what else the machine does, need the
# cores too. Costs a tenth on an idle machine, saves half on a busy one.
SHARE_CORES = "passive"

# Seconds from start to the first healthy answer; a model on a slow disk takes most
# of them.
READY_WITHIN = 180.0

OTHERWISE = (
    "Or start a model of your own (Ollama, or llama.cpp's server on port 8080), or set\n"
    "OPENAI_API_KEY, OPENAI_BASE_URL and YEOK_MODEL; the demo then uses that."
)


def install(cache: Path, pip: Sequence[str] = packages.PIP) -> Path:
    """Returns the folder with the server's module, after fetching it when it is not there."""
    pinned = REQUIREMENT.split()[0]
    folder = cache / pinned.replace("==", "-")
    if folder.is_dir():
        return folder
    if sys.version_info < (3, 10):
        raise Problem(f"llama.cpp's prebuilt server needs Python 3.10 or newer.\n{OTHERWISE}")
    packages.need_pip(pip)
    cache.mkdir(parents=True, exist_ok=True)
    say("Fetching llama.cpp's HTTP server (xllamacpp, MIT, 34 MB) …")
    with tempfile.TemporaryDirectory(dir=cache, prefix="server-") as work:
        module = Path(work) / "module"
        complaint = packages.run_pip(
            ("install", *packages.PINNED, "--target", str(module)),
            REQUIREMENT,
            Path(work),
            pip,
            lambda _: None,
        )
        if complaint:
            raise Problem(f"pip could not install {pinned}:\n{packages.last_lines(complaint)}\n{OTHERWISE}")
        module.replace(folder)
    return folder


class Server:
    """A running server; leaving the `with` block ends it.

    It also ends by itself when this process dies in any way, because it reads from
    a pipe that this process holds open.
    """

    def __init__(self, module: Path, model: Path, port: int = 0) -> None:
        self.log = module.parent / "llama-server.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    str(HERE / "llama_process.py"),
                    str(model),
                    str(port),
                    str(SLOTS),
                    str(SLOT_TOKENS),
                ],
                env={**os.environ, "PYTHONPATH": str(module), "OMP_WAIT_POLICY": SHARE_CORES},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the demo, which ends the server in its turn
            )
        self.base_url = ""

    def __enter__(self) -> Server:
        try:
            self.base_url = self.ready() + "/v1"
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ready(self) -> str:
        """Waits until the server answers; its address. Raises Problem."""
        address = self.process.stdout.readline().decode().strip()
        give_up = time.monotonic() + READY_WITHIN
        while address and time.monotonic() < give_up and self.process.poll() is None:
            if healthy(address):
                return address
            time.sleep(0.2)
        words = self.log.read_text(encoding="utf-8", errors="replace")
        raise Problem(f"llama.cpp's server did not start; its last words:\n{packages.last_lines(words, 8)}")

    def ended(self, within: float) -> bool:
        """Whether the server has ended; waits that many seconds for it."""
        try:
            self.process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """Ends the server: politely, then surely."""
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def healthy(address: str) -> bool:
    """Whether the server has loaded its model."""
    try:
        with urllib.request.urlopen(address + "/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
