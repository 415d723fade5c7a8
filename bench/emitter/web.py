"""A FastAPI service under real HTTP load: its latency without the emitter, with it, and with a disk that stalls.

Three services run in processes of their own (uvicorn), the load comes from this one: every client asks all three in
turn, so that whatever else the machine does meets all of them alike. Every request logs five events, as a turn of a
conversation does. The stalled disk is a named pipe that nobody reads: the emitter's write never returns.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from ..ratio import ratio_line, spread
from .page import table

_REPETITIONS = 7
_CLIENTS = 4
_ROUNDS = 300
_PAUSE_SECONDS = 0.005
#: What two runs of the same differ by, as the spread of the first lines shows.
_NOISE = 1.15
_MODES = ("without", "with", "stalled")
_REQUEST = b"POST /turn HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n"


def main() -> str:
    """Run all modes in turn, several times; the table of medians."""
    p50: dict[str, list[float]] = {mode: [] for mode in _MODES}
    p99: dict[str, list[float]] = {mode: [] for mode in _MODES}
    with ExitStack() as stack:
        ports = {mode: stack.enter_context(_service(mode)) for mode in _MODES}
        asyncio.run(_load(ports, 50))
        for _ in range(_REPETITIONS):
            for mode, latencies in asyncio.run(_load(ports, _ROUNDS)).items():
                p50[mode].append(sorted(latencies)[len(latencies) // 2])
                p99[mode].append(sorted(latencies)[len(latencies) * 99 // 100])
    count = _CLIENTS * _ROUNDS
    print(f"{_REPETITIONS} repetitions of {count:,} requests of five events to each, milliseconds", file=sys.stderr)
    for mode in _MODES:
        print(f"  {mode:8} p50 {spread(p50[mode])}, p99 {spread(p99[mode])}", file=sys.stderr)
    print(ratio_line("emitter_http_p50_to_without", p50["with"], p50["without"], goal=_NOISE))
    print(ratio_line("emitter_http_p99_to_without", p99["with"], p99["without"], goal=_NOISE))
    print(ratio_line("emitter_http_stalled_disk_p99_to_with", p99["stalled"], p99["with"], goal=_NOISE))
    words = {"without": "without the emitter", "with": "with it", "stalled": "with a disk that stalls for ever"}
    rows = [[words[mode], f"{median(p50[mode]):.2f}", f"{median(p99[mode]):.1f}"] for mode in _MODES]
    return table(["a FastAPI service, 5 events a request, milliseconds", "p50", "p99"], rows)


@contextmanager
def _service(mode: str) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        if mode == "stalled":
            os.mkfifo(Path(folder, "events.jsonl"))
        service = subprocess.Popen([sys.executable, "-m", "bench.emitter.web_service", mode, folder, str(port)])
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    os.sched_yield()
            yield port
        finally:
            service.terminate()
            service.wait()


async def _load(ports: dict[str, int], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every request to each service."""
    latencies: dict[str, list[float]] = {mode: [] for mode in ports}
    await asyncio.gather(*[_client(ports, rounds, number, latencies) for number in range(_CLIENTS)])
    return latencies


async def _client(ports: dict[str, int], rounds: int, number: int, latencies: dict[str, list[float]]) -> None:
    connections = {mode: await asyncio.open_connection("127.0.0.1", port) for mode, port in ports.items()}
    order = list(ports)
    chance = Random(number)  # noqa: S311 - the same order each time, nothing secret
    for _ in range(rounds):
        chance.shuffle(order)
        for mode in order:
            reader, writer = connections[mode]
            began = perf_counter()
            writer.write(_REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            latencies[mode].append((perf_counter() - began) * 1000)
            await asyncio.sleep(_PAUSE_SECONDS)
    for _, writer in connections.values():
        writer.close()
        await writer.wait_closed()
