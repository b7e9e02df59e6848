"""Serves a model on loopback until standard input closes.

Run by llama.py as a process of its own, with the server's module on the path:
`llama_process.py MODEL PORT SLOTS SLOT_TOKENS`. Prints its address, then nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import xllamacpp


def main() -> None:
    """Starts the server and waits."""
    model, port, slots, slot_tokens = sys.argv[1:]
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.model_alias = {Path(model).stem}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(port)  # 0: any free one
    parameters.n_parallel = int(slots)
    parameters.n_ctx = int(slots) * int(slot_tokens)  # shared by the slots
    parameters.cpuparams.n_threads = os.cpu_count() or 2
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
