"""A FastAPI service under real HTTP load: its latency without the emitter, with it, and with a disk that stalls.

The service runs in a process of its own (uvicorn), the load comes from this one: eight connections, each asking at its
own pace. Every request logs five events, as a turn of a conversation does. The stalled disk is a named pipe that nobody
reads: the emitter's write never returns.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from ..ratio import ratio_line, spread

_REPETITIONS = 7
_CONNECTIONS = 8
_REQUESTS = 150
_PAUSE_SECONDS = 0.02
#: What two runs of the same differ by, as the spread of the first lines shows.
_NOISE = 1.15
_MODES = ("without", "with", "stalled")
_REQUEST = b"POST /turn HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n"


def main() -> None:
    """Run all modes in turn, several times."""
    p50: dict[str, list[float]] = {mode: [] for mode in _MODES}
    p99: dict[str, list[float]] = {mode: [] for mode in _MODES}
    for _ in range(_REPETITIONS):
        for mode in _MODES:
            with tempfile.TemporaryDirectory() as folder, _service(mode, Path(folder)) as port:
                asyncio.run(_load(port, 10))
                latencies = sorted(asyncio.run(_load(port, _REQUESTS)))
            p50[mode].append(latencies[len(latencies) // 2])
            p99[mode].append(latencies[len(latencies) * 99 // 100])
    count = _CONNECTIONS * _REQUESTS
    print(f"{_REPETITIONS} repetitions of {count:,} requests of five events, milliseconds", file=sys.stderr)
    for mode in _MODES:
        print(f"  {mode:8} p50 {spread(p50[mode])}, p99 {spread(p99[mode])}", file=sys.stderr)
    print(ratio_line("emitter_http_p50_to_without", p50["with"], p50["without"], goal=_NOISE))
    print(ratio_line("emitter_http_p99_to_without", p99["with"], p99["without"], goal=_NOISE))
    print(ratio_line("emitter_http_stalled_disk_p99_to_with", p99["stalled"], p99["with"], goal=_NOISE))


@contextmanager
def _service(mode: str, folder: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    if mode == "stalled":
        os.mkfifo(folder / "events.jsonl")
    service = subprocess.Popen([sys.executable, "-m", "bench.emitter.web_service", mode, str(folder), str(port)])
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


async def _load(port: int, count: int) -> list[float]:
    found = await asyncio.gather(*[_client(port, count, number) for number in range(_CONNECTIONS)])
    return [latency for latencies in found for latency in latencies]


async def _client(port: int, count: int, number: int) -> list[float]:
    """Milliseconds of each of so many requests on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(_PAUSE_SECONDS * number / _CONNECTIONS)
    latencies = []
    for _ in range(count):
        began = perf_counter()
        writer.write(_REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        latencies.append((perf_counter() - began) * 1000)
        await asyncio.sleep(_PAUSE_SECONDS)
    writer.close()
    await writer.wait_closed()
    return latencies
