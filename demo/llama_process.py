"""Serves a model on loopback until standard input closes.

Run by llama.py as a process of its own, with the server's module on the path:
`llama_process.py MODEL PORT`. Prints its address, then nothing.
"""

from __future__ import annotations

import os
import sys

import xllamacpp

# Calls answered side by side, and the window that they share: 4,096 tokens each.
SLOTS = 4
CONTEXT_TOKENS = 16_384


def main() -> None:
    """Starts the server and waits."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(sys.argv[2])
    parameters.n_parallel = SLOTS
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.cpuparams.n_threads = os.cpu_count() or 2
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
