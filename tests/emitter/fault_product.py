"""A product that is killed again and again: ``python fault_product.py FOLDER``, one round per line on stdin.

A round is a line of JSON: the signal, the seconds after which it comes, and options of ``get_logger``. The product
forks for it; the child logs until it is killed and notes in shared memory how many events were accepted and how many
taken. The answer is a line of JSON with both, and with the instant of the signal.
"""

import json
import mmap
import os
import signal
import struct
import sys
import threading
import time

from emitter import EventLogger, SessionMessage, get_logger

_NOTE = struct.Struct("<QQ")
#: All of them log, and the main one gets the signal.
THREADS = 3


def main(folder: str) -> None:
    for number, line in enumerate(sys.stdin):
        order = json.loads(line)
        note = mmap.mmap(-1, mmap.PAGESIZE)
        child = os.fork()
        if child == 0:
            _work(f"{folder}/{number}", note, order["options"], order["burst"])
        threading.Event().wait(order["seconds"])
        killed_at = time.time()
        os.kill(child, order["signal"])
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        ended_after = time.time() - killed_at
        taken, accepted = map(sum, zip(*[_NOTE.unpack_from(note, _NOTE.size * n) for n in range(THREADS)], strict=True))
        found = {
            "taken": taken,
            "accepted": accepted,
            "killed_at": killed_at,
            "status": status,
            "ended_after": ended_after,
        }
        print(json.dumps(found), flush=True)


def _work(folder: str, note: mmap.mmap, options: dict, burst: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    log = get_logger("faults", directory=folder, **options)
    for number in range(1, THREADS):
        threading.Thread(target=_log, args=(log, note, number, burst), daemon=True).start()
    _log(log, note, 0, burst)


def _log(log: EventLogger, note: mmap.mmap, number: int, burst: int) -> None:
    pause = threading.Event()
    taken = accepted = 0
    while True:
        for _ in range(burst):
            is_accepted = log.emit(SessionMessage(session_id=f"s{taken}", role="ai", message_length=taken))
            taken += 1
            accepted += is_accepted
            _NOTE.pack_into(note, _NOTE.size * number, taken, accepted)
        pause.wait(0.001)


if __name__ == "__main__":
    main(sys.argv[1])
