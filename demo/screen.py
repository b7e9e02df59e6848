"""What the demo shows: blocks as they are done, then each language as a whole.

Made for a terminal of any width and for a log file alike. Text is measured in
columns, because a Chinese or Japanese character takes two.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from talk import clock

Article = Mapping[str, Any]
Translation = Mapping[str, Any]

STATE_COLOURS = {"COMPLETE": 32, "NEEDS_REVIEW": 33, "FAILED": 31}
# Spaces and marks that may not begin a line; they hang over its end instead.
NEVER_FIRST = " 。，、．：；？！）」』】》”’ーっゃゅょッャュョ"
FINDINGS_SHOWN = 3  # for one block; the rest is counted


def width() -> int:
    """Columns to write in."""
    return max(50, min(shutil.get_terminal_size((96, 24)).columns, 100))


def paint(text: str, colour: int) -> str:
    """Text in an ANSI colour where the screen has colours and its reader wants them."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{colour}m{text}\033[0m"


def columns(text: str) -> int:
    """Columns that a text takes."""
    return sum(character_columns(character) for character in text)


def character_columns(character: str) -> int:
    """Columns of one character: 0, 1 or 2."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, limit: int) -> str:
    """The beginning of a text that fits into `limit` columns."""
    if columns(text) <= limit:
        return text
    used, end = 1, 0  # 1 for the ellipsis
    while used + character_columns(text[end]) <= limit:
        used += character_columns(text[end])
        end += 1
    return text[:end] + "…"


def wrap(text: str, limit: int) -> Iterator[str]:
    """Breaks a text into lines: at spaces, and between wide characters where typography lets it."""
    line, used, gap = "", 0, 0  # gap: where the line may be broken
    for character in text:
        wide = character_columns(character)
        if used + wide > limit and line.strip() and character not in NEVER_FIRST:
            cut = gap or len(line)
            yield line[:cut].rstrip()
            line = line[cut:].lstrip()
            used, gap = columns(line), 0
        line, used = line + character, used + wide
        if character == " " or wide == 2:
            gap = len(line)
    if line.strip():
        yield line.rstrip()


def rule(label: str) -> str:
    """A heading that fills the line."""
    return f"━━ {label} " + "━" * max(3, width() - columns(label) - 4)


def segments(article: Article) -> dict[str, str]:
    """Everything of an article that is translated, by the id that findings use."""
    texts = {"title": article.get("title", "")}
    texts.update({f"subtitle{n}": text for n, text in enumerate(article.get("subtitles", []), 1)})
    texts.update({block["id"]: block.get("text", "") for block in article.get("blocks", [])})
    return texts


def summary(translation: Translation, article: Article) -> str:
    """One line on one language: `en NEEDS_REVIEW: 3 of 12 blocks doubtful`."""
    state = translation.get("state", "STATE_UNSPECIFIED")
    line = f"{translation['languageCode']:8}{paint(state, STATE_COLOURS.get(state, 0))}"
    if state == "FAILED":
        return f"{line}: {(translation.get('error') or {}).get('message', 'no reason given')}"
    found = translation.get("findings", [])
    doubtful = {f["blockId"] for f in found if f.get("blockId") and f.get("severity") == "ERROR"}
    warned = {f["blockId"] for f in found if f.get("blockId")} - doubtful
    of = f" of {len(segments(article))} blocks"
    if doubtful:
        return f"{line}: {len(doubtful)}{of} doubtful" + (f", {len(warned)} with a warning" if warned else "")
    return f"{line}: {len(warned)}{of} with a warning" if warned else line


def show_translation(translation: Translation, article: Article) -> None:
    """Prints one language: headline, decks and body, and under each block what is doubtful."""
    print(f"\n{rule(summary(translation, article))}\n")
    by_block: dict[str, list[Mapping[str, Any]]] = {}
    for finding in translation.get("findings", []):
        by_block.setdefault(finding.get("blockId", ""), []).append(finding)
    for key, text in segments(translation).items():
        if not text:
            continue
        mark = mark_of(by_block.get(key, []))
        for line in wrap(text, width() - 4):
            print(f" {mark}  {paint(line, 1) if key == 'title' else line}")
        show_findings(by_block.get(key, []))
        print()
    show_findings(by_block.get("", []))


def mark_of(findings: list[Mapping[str, Any]]) -> str:
    """What stands before a block: `!` for an error, `?` for a warning."""
    if any(finding.get("severity") == "ERROR" for finding in findings):
        return paint("!", 31)
    return paint("?", 33) if findings else " "


def show_findings(findings: list[Mapping[str, Any]]) -> None:
    """Prints what the checks found in one block, errors first."""
    findings = sorted(findings, key=lambda finding: finding.get("severity") != "ERROR")
    for finding in findings[:FINDINGS_SHOWN]:
        text = f"{finding.get('check', '')}: {finding.get('message', '')}"
        words = [w for w in (finding.get("sourceText"), finding.get("targetText")) if w]
        if not all(word in text for word in words):
            text += f"  ({shorten(' → '.join(words), 60)})"
        for line in textwrap.wrap(text, width() - 8, subsequent_indent="  ") or [""]:
            print("      " + paint(line, 33))
    if len(findings) > FINDINGS_SHOWN:
        print(paint(f"      … and {len(findings) - FINDINGS_SHOWN} more", 33))


class Live:
    """The stream as it comes: a line a block, and on a terminal a last line that ticks."""

    def __init__(self, languages: list[str], total: int) -> None:
        self.done: dict[str, set[str]] = {code: set() for code in languages}  # ids of blocks
        self.total = total
        self.started = time.monotonic()
        self.live = sys.stdout.isatty()
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.ticker = threading.Thread(target=self.tick, daemon=True)

    def __enter__(self) -> Live:
        if self.live:
            self.ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        if self.live:
            self.ticker.join()
            print("\r\033[K", end="", flush=True)

    def tick(self) -> None:
        """Draws the last line twice a second until the stream ends."""
        while not self.ended.wait(0.5):
            with self.lock:
                self.draw()

    def draw(self) -> None:
        """Draws the last line: how far each language is, and for how long."""
        states = "   ".join(f"{code} {len(ids)}/{self.total}" for code, ids in self.done.items())
        print(f"\r\033[K  {states}   {clock(time.monotonic() - self.started)}", end="", flush=True)

    def block(self, code: str, key: str, text: str) -> None:
        """Shows one block that has passed its checks."""
        with self.lock:
            self.done.setdefault(code, set()).add(key)  # a block may come again, corrected
            head = f"  {code:8}{len(self.done[code]):2}/{self.total}  {key:6}"
            self.line(head + shorten(text, width() - columns(head)))

    def language(self, text: str) -> None:
        """Shows that a language is through."""
        with self.lock:
            self.line(f"  {text}   after {clock(time.monotonic() - self.started)}")

    def line(self, text: str) -> None:
        """Writes a line above the last one."""
        print(("\r\033[K" if self.live else "") + text, flush=True)
        if self.live:
            self.draw()
