#!/usr/bin/env python3
"""The demo's local model: fetch it, serve it, say where it is, remove it.

    python3 demo/model.py fetch    bring the model and its server into the cache
    python3 demo/model.py serve    run it on loopback; prints its base URL, ends on Ctrl-C
    python3 demo/model.py path     print the model's path, or exit 1 when it is not there
    python3 demo/model.py remove   delete what was fetched

YEOK_DEMO_MODEL=/path/to/model.gguf uses that file instead.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

import llama
import modelfile
from talk import Problem, say


def main() -> int:
    """Runs one command; 0 on success, 1 on failure, 2 on misuse, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="model.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=("fetch", "serve", "path", "remove"))
    parser.add_argument("--port", type=int, default=0, help="serve: port on 127.0.0.1 (default: a free one)")
    parser.add_argument(
        "--with-parent", action="store_true", help="serve: end when the starting process does"
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(arguments)
    except Problem as problem:
        say(f"\n{problem}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def run(arguments: argparse.Namespace) -> int:
    """Carries out one command. Raises Problem."""
    command, cache = arguments.command, modelfile.cache_dir()
    if command == "remove":
        modelfile.remove(cache)
    elif command == "path":
        path = modelfile.find(modelfile.QWEN, cache)
        if path is None:
            say(f"The model is not in {cache}; `python3 demo/model.py fetch` brings it.")
            return 1
        print(path)
    else:
        path = modelfile.fetch(modelfile.QWEN, cache)
        module = llama.install(cache)
        if command == "fetch":
            print(path)
        else:
            serve(module, path, arguments.port, os.getppid() if arguments.with_parent else None)
    return 0


def serve(module: Path, path: Path, port: int, parent: int | None) -> None:
    """Serves the model until this process is told to stop, or `parent` is gone."""
    with llama.Server(module, path, port) as server:
        print(server.base_url, flush=True)
        while not server.ended(within=1.0) and parent in (None, os.getppid()):
            pass


if __name__ == "__main__":
    sys.exit(main())
