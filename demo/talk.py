"""How the demo talks: to people on a terminal, to log files elsewhere.

Everything here goes to standard error, so that standard output holds results
alone.
"""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Problem(Exception):
    """A failure that its reader can do something about; the text says what."""


def say(text: str = "") -> None:
    """Writes one line of talk at once, also through a pipe."""
    print(text, file=sys.stderr, flush=True)


def size(count: float) -> str:
    """Formats a number of bytes the way download pages do: 34 MB, 1.12 GB."""
    if count >= 1e9:
        return f"{count / 1e9:.2f} GB"
    return f"{count / 1e6:.0f} MB"


class Progress:
    """Progress towards a known number of bytes.

    On a terminal one line that is drawn again, elsewhere a line every tenth, so
    that a log stays short.
    """

    def __init__(self, label: str, total: int, done: int = 0, out: TextIO | None = None) -> None:
        self.label, self.total, self.first = label, total, done
        self.out = out or sys.stderr
        self.live = self.out.isatty()
        self.started = time.monotonic()
        self.drawn_at = 0.0
        self.tenth = done * 10 // total

    def update(self, done: int) -> None:
        """Shows that `done` bytes are there, seldom enough to cost nothing."""
        if self.live:
            now = time.monotonic()
            if now - self.drawn_at >= 0.1 or done >= self.total:
                self.drawn_at = now
                self.out.write(f"\r\033[K{self.line(done)}")
                self.out.flush()
        elif done * 10 // self.total > self.tenth:
            self.tenth = done * 10 // self.total
            print(self.line(done), file=self.out, flush=True)

    def line(self, done: int) -> str:
        """Draws the bar: how much is there, how fast it comes, how long it will take."""
        filled = 24 * done // self.total
        speed = (done - self.first) / max(time.monotonic() - self.started, 0.001)
        left = f"  {clock((self.total - done) / speed)} left" if speed > 0 and done < self.total else ""
        return (
            f"  {self.label}  {'█' * filled}{'░' * (24 - filled)} {100 * done // self.total:3d} %"
            f"  {size(done)} of {size(self.total)}  {size(speed)}/s{left}"
        )

    def close(self) -> None:
        """Leaves the last state on the screen and starts a new line."""
        if self.live:
            self.out.write("\n")
            self.out.flush()


def clock(seconds: float) -> str:
    """Formats a duration: 42 s, 3 min 05 s."""
    whole = int(seconds + 0.5)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
