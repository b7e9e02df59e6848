"""One file from its own address, resumed after a break.

The first choice where it can be reached. Where it cannot, that shows within
seconds and costs one line.
"""

from __future__ import annotations

import http.client
import time
import urllib.request
from pathlib import Path

from talk import Progress, say

# Seconds without an answer or a byte before the other side counts as gone.
SILENCE = 8.0
# Connections that may break before another source is tried.
ATTEMPTS = 5
# Seconds to wait before a broken connection is opened again.
PAUSE = 2.0

BROKEN = (OSError, http.client.HTTPException)  # an HTTP error and a time-out are OSErrors


def fetch(url: str, partial: Path, byte_count: int) -> bool:
    """Fills `partial` up to `byte_count`; False when that cannot be done from here.

    What had arrived stays in `partial`, for the next try or the next source.
    """
    reached = False
    for _ in range(ATTEMPTS):
        have = held(partial)
        if have == byte_count:
            return True
        try:
            with ask(url, have) as answer:
                start, total = extent(answer)
                if total != byte_count or start not in (0, have):
                    say("The model's own site offers a file of another size; not taken.")
                    return False
                if not reached:
                    say(f"From: the model's own site, {url}")
                reached = True
                receive(answer, partial, start, byte_count)
        except BROKEN as broken:
            if not reached:
                say("From: not the model's own site, which cannot be reached from here.")
                return False
            say(f"The connection broke at {held(partial):,} bytes ({broken}); going on from there.")
            time.sleep(PAUSE)
    return held(partial) == byte_count


def ask(url: str, offset: int) -> http.client.HTTPResponse:
    """Asks for the file from `offset` on. Raises one of BROKEN."""
    headers = {"User-Agent": "yeok-demo"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=SILENCE)


def extent(answer: http.client.HTTPResponse) -> tuple[int, int]:
    """Where the answer starts in the file, and how long the whole file is; -1 for unknown."""
    if answer.status == 206:  # Content-Range: bytes 1000-1999/2000
        span, _, total = (answer.headers.get("Content-Range") or "").rpartition("/")
        start = span.removeprefix("bytes ").partition("-")[0]
        return (int(start), int(total)) if start.isdigit() and total.isdigit() else (-1, -1)
    return 0, int(answer.headers.get("Content-Length") or -1)


def receive(answer: http.client.HTTPResponse, partial: Path, start: int, byte_count: int) -> None:
    """Writes the answer into `partial` from `start` on. Raises one of BROKEN."""
    progress = Progress("model", byte_count, start)
    with partial.open("r+b" if partial.exists() else "wb") as file:
        file.truncate(start)
        file.seek(start)
        try:
            while chunk := answer.read(256 << 10):
                if start + len(chunk) > byte_count:
                    raise http.client.HTTPException("more bytes came than were announced")
                file.write(chunk)
                start += len(chunk)
                progress.update(start)
        finally:
            progress.close()


def held(partial: Path) -> int:
    """Bytes already here."""
    return partial.stat().st_size if partial.exists() else 0
