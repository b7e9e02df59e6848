"""Stands in for pip: `fake_pip.py INDEX download … --dest FOLDER … --requirement FILE`.

INDEX is a folder of packages. Like pip it refuses a package with another hash than
the pinned one. A file `INDEX/NAME.fails` holds how many more times NAME fails.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path


def main() -> int:
    """Downloads the one package that is asked for."""
    index, arguments = Path(sys.argv[1]), sys.argv[2:]
    if arguments == ["--version"]:
        print("pip 0 (fake)")
        return 0
    asked = Path(arguments[arguments.index("--requirement") + 1]).read_text(encoding="utf-8").split()
    name, pinned = asked[0].split("==")[0], asked[1].removeprefix("--hash=sha256:")
    with (index / "asked.txt").open("a", encoding="utf-8") as log:
        log.write(name + "\n")
    fails = index / f"{name}.fails"
    if fails.exists() and int(fails.read_text()) > 0:
        fails.write_text(str(int(fails.read_text()) - 1))
        print("ERROR: the network blinked", file=sys.stderr)
        return 1
    wheel = index / f"{name}.whl"
    if not wheel.exists():
        print(f"ERROR: No matching distribution found for {asked[0]}", file=sys.stderr)
        return 1
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != pinned:
        print("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", file=sys.stderr)
        return 1
    shutil.copy(wheel, Path(arguments[arguments.index("--dest") + 1]) / f"{name}-1-py3-none-any.whl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
