"""Between the product and the file: a bounded buffer, and a thread that empties it.

The product's side takes no lock: it appends to a deque, which is one step for all threads. So nothing can wait for
anything there, neither in a signal handler or a finaliser that interrupts a call, nor in the child of a fork. The
writer's side, one thread at a time, makes the lines and writes them.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from . import _lifecycle
from ._drain import LARGE_BYTES, Drain
from ._entry import Entry
from ._line_file import LineFile
from ._losses import Losses
from ._request import Request
from ._settings import Settings
from .formatter import EventFormatter

#: Large entries take so many bytes in all at most.
_LARGE_BYTES_MAX = 16 * 1024 * 1024
#: A write that takes longer is one that stalls.
_STALLED_SECONDS = 1.0


class Writer:
    """Takes entries, and lines that are made already, and writes them; nothing here raises into the product.

    lost_count: events that took a seq and will not come into a file. written_count: lines in files.
    last_error: what stands in the way of writing, or None.
    """

    def __init__(
        self, formatter: EventFormatter, file: LineFile, options: Settings, complain: Callable[[BaseException], None]
    ) -> None:
        self._formatter = formatter
        self._file = file
        self._options = options
        self._complain = complain
        self.restart()

    def restart(self) -> None:
        """Begin with nothing: at the start, and in the child after a fork, to whose parent all of it belongs."""
        self._queue = deque[Entry | bytes]()
        self._drain = Drain(self._formatter, self._file, self._complain)
        self._requests = deque[Request]()
        self._limit = self._options.buffer_size
        # The first entry finds that there is no thread yet.
        self._call_at = -1
        self._is_called = False
        self._wake = threading.Lock()
        self._wake.acquire()
        # Held while lines are written, which may take for ever, and never taken by the product's side.
        self._writing = threading.RLock()
        # Held for a moment, and never taken by the thread: a signal handler may interrupt the holder, and wait for the
        # thread. Both can be taken again by their holder.
        self._counting = threading.RLock()
        self._owner = 0
        self._thread: threading.Thread | None = None
        self._is_beginning = False
        # Where a thread is refused, the next try comes later.
        self._begin_after = 0.0
        self._writes_here = not self._options.background
        self._is_interrupted = False
        # A close was in vain: who comes next does not wait again.
        self._has_given_up = False
        self._losses = Losses(self._formatter, self._drain, self._complain)
        self._large_taken = 0
        self.last_error: str | None = None

    @property
    def lost_count(self) -> int:
        """Events that took a ``seq`` and will not come into a file."""
        return self._losses.count

    @property
    def written_count(self) -> int:
        """Lines in files."""
        return self._drain.written_count

    @property
    def waiting_count(self) -> int:
        """Events that are accepted and not written yet."""
        return len(self._queue) + self._drain.waiting_count

    @property
    def error(self) -> str | None:
        """What stands in the way of writing now: the last error, or a write that does not come back."""
        since = self._drain.writing_since
        if since and time.monotonic() - since > _STALLED_SECONDS:
            return f"a write has taken more than {_STALLED_SECONDS:g} s"
        return self.last_error

    @property
    def writes_in_caller(self) -> bool:
        """Whether callers write themselves, so that a disk that stalls holds them."""
        return self._writes_here

    @property
    def is_writing_here(self) -> bool:
        """Whether the calling thread is in the middle of writing, which a signal may have interrupted."""
        return self._owner == threading.get_ident()

    def offer(self, item: Entry | bytes, size: int) -> bool:
        """Accept an entry or a line of about so many bytes; False if it was dropped."""
        queue = self._queue
        waiting = len(queue)
        if (waiting >= self._limit or size > LARGE_BYTES) and not self._has_room(size):
            return False
        queue.append(item)
        if waiting >= self._call_at and (not self._is_called or self._call_at < 0):
            self._call()
        return True

    def lose(self, error: BaseException) -> None:
        """Count an event that could not be taken down."""
        self._losses.fail(error)

    def flush(self, seconds: float) -> bool:
        """Whether all that was accepted is in the file, after so many seconds at most."""
        if self._call_at < 0 and not self._queue:
            return True
        return self._ask(Request(closes=False), seconds)

    def close(self, seconds: float) -> None:
        """Write what was accepted, and finish the file; what cannot be written in this time is lost and counted."""
        if self._call_at < 0 and not self._queue and self._losses.is_silent:
            return
        if not self._ask(Request(closes=True), seconds):
            self._give_up()
            self._has_given_up = True

    def _has_room(self, size: int) -> bool:
        """Whether an entry may come in that finds the buffer full, or is large."""
        if len(self._queue) >= self._limit and not self._waited_for_room():
            return self._drop()
        if size > LARGE_BYTES and not self._waited_for(lambda: self._takes_large(size)):
            return self._drop()
        return True

    def _takes_large(self, size: int) -> bool:
        """Count a large entry, if there is room for it. One that is larger than all the room comes in alone."""
        with self._counting:
            waiting = self._large_taken - self._drain.large_written
            is_taken = waiting <= 0 or waiting + size <= _LARGE_BYTES_MAX
            if is_taken:
                self._large_taken += size
        return is_taken

    def _waited_for_room(self) -> bool:
        return self._waited_for(lambda: len(self._queue) < self._limit)

    def _waited_for(self, is_so: Callable[[], bool]) -> bool:
        """Without a thread, whoever comes makes room; with one, those who prefer to wait do, until there is some."""
        if is_so():
            return True
        if not self._writes_here and self._options.when_full != "block":
            return False
        deadline = time.monotonic() + self._options.block_timeout
        while (remaining := deadline - time.monotonic()) > 0:
            is_written = self.flush(remaining)
            # Others may take the room that was made.
            if is_so():
                return True
            if not is_written:
                return False
        return is_so()

    def _drop(self) -> bool:
        self._losses.drop()
        if not self._is_called:
            self._call()
        return False

    def _call(self) -> None:
        """Let the thread begin at once; without one, write here."""
        if self._call_at < 0 and not self._begin():
            return
        if self._writes_here:
            self._write_here()
            return
        self._is_called = True
        # It was released before, and the thread has not come yet.
        with suppress(RuntimeError):
            self._wake.release()

    def _begin(self) -> bool:
        """At the first entry of a process, and the first after a close; False where this interrupts another begin."""
        with self._counting:
            if self._call_at >= 0 or self._is_beginning:
                return not self._is_beginning
            is_ending = _lifecycle.is_ending()
            self._writes_here = is_ending or not self._options.background
            if self._writes_here:
                _lifecycle.finish_with_multiprocessing()
                # At the end of the process nobody would write the rest of a batch.
                self._call_at = 0 if is_ending else self._options.batch_size - 1
                return True
            if time.monotonic() < self._begin_after:
                return False
            self._is_beginning = True
            try:
                _lifecycle.finish_with_multiprocessing()
                return self._begin_thread()
            finally:
                self._is_beginning = False

    def _begin_thread(self) -> bool:
        """Start the thread; where none is to be had, entries wait, and one that comes later tries again."""
        thread = threading.Thread(target=self._run, name="emitter", daemon=True)
        self._thread = thread
        try:
            thread.start()
        except RuntimeError as error:
            self._thread = None
            self._begin_after = time.monotonic() + self._options.flush_interval
            self.last_error = f"no thread to write: {error}"
            self._complain(error)
            return False
        except BaseException:
            # Of a signal handler; the thread may have begun all the same, and ends when it finds another one.
            self._thread = None
            raise
        self._call_at = self._limit // 4
        return True

    def _thread_to_ask(self) -> threading.Thread | None:
        """The thread, begun where there is none; None where the caller has to write."""
        if self._options.background and self._call_at < 0:
            self._begin()
        while self._thread is None and self._call_at >= 0 and not self._writes_here:
            # It is about to leave, which is a matter of two steps.
            os.sched_yield()
        thread = self._thread
        is_there = thread is not None and thread.is_alive() and thread is not threading.current_thread()
        return thread if is_there else None

    def _ask(self, request: Request, seconds: float) -> bool:
        seconds = 0.0 if self._has_given_up else min(seconds, threading.TIMEOUT_MAX)
        deadline = time.monotonic() + seconds
        while (thread := self._thread_to_ask()) is not None:
            self._requests.append(request)
            with suppress(RuntimeError):
                self._wake.release()
            written = self.written_count
            is_answered = request.wait(deadline, thread)
            while not is_answered and request.closes and thread.is_alive() and self.written_count > written:
                # It is slow, and goes on.
                written = self.written_count
                is_answered = request.wait(time.monotonic() + seconds, thread)
            if is_answered:
                return request.is_met
            is_over = thread.is_alive() or time.monotonic() >= deadline
            # A close stays, so that the thread ends when the disk comes back.
            if not (request.closes and is_over):
                with suppress(ValueError, IndexError):
                    self._requests.remove(request)
            if is_over:
                return False
        if not self._writing.acquire(timeout=max(0.0, min(deadline - time.monotonic(), threading.TIMEOUT_MAX))):
            return False
        try:
            self._requests.append(request)
            self._write_here()
        finally:
            self._writing.release()
        return request.is_met

    def _run(self) -> None:
        """The thread's life: until a request closes."""
        while True:
            self._wake.acquire(timeout=self._options.flush_interval)
            if self._serve() or self._thread is not threading.current_thread():
                return

    def _write_here(self) -> None:
        """Write in the caller's thread; a signal that came meanwhile is dealt with at the end."""
        if self.is_writing_here:
            # This interrupts a write, which takes the entry with it.
            self._is_interrupted = True
            return
        with self._writing:
            while True:
                self._is_interrupted = False
                self._owner = threading.get_ident()
                try:
                    self._serve()
                finally:
                    self._owner = 0
                if not self._is_interrupted:
                    break
        _lifecycle.deal_with_deferred_signal()

    def _serve(self) -> bool:
        """Write what is in the buffer, answer requests; True if one of them closes."""
        with self._writing:
            requests = [self._requests.popleft() for _ in range(len(self._requests))]
            closes = any(request.closes for request in requests)
            is_met = is_left = False
            try:
                self._write_all()
                if closes:
                    self._leave()
                    is_left = True
                    # Whoever did not find the new mark has left its entry before.
                    self._write_all()
                self._file.rotate()
                is_met = True
                self.last_error = None
                self._losses.doubtful_count = 0
                # Not before: where writing fails, the product need not ask again for every entry.
                self._is_called = False
            except OSError as error:
                self.last_error = f"{type(error).__name__}: {error.strerror}"
                self._complain(error)
            except Exception as error:
                self.last_error = type(error).__name__
                self._complain(error)
            if closes:
                if not is_met:
                    self._give_up()
                with suppress(OSError):
                    self._file.finish()
                if not is_left:
                    self._leave()
                # Those who asked meanwhile.
                requests += [self._requests.popleft() for _ in range(len(self._requests))]
            self._has_given_up = False
            for request in requests:
                request.answer(is_met=is_met)
            return closes

    def _leave(self) -> None:
        """Nobody serves from now on. In this order: who finds the new mark may begin another thread at once."""
        self._thread = None
        self._is_called = False
        self._call_at = -1

    def _write_all(self) -> None:
        """Write what waits now, and no more: who comes meanwhile must not keep others waiting for an answer."""
        is_well = self.last_error is None
        if is_well:
            # They take their numbers before the buffer is looked at: what a kill leaves there is no gap before them.
            self._losses.note()
        self._drain.write(self._queue, len(self._queue))
        if not is_well:
            self._losses.note()
        self._losses.say()

    def _give_up(self) -> None:
        """Lose what waits, as nobody will write it."""
        lost = 0
        with suppress(IndexError):
            while True:
                self._queue.popleft()
                lost += 1
        if self._writing.acquire(blocking=False):
            try:
                lost += self._drain.abandon()
            finally:
                self._writing.release()
        else:
            # The disk stalls in the middle of these: lost, unless it comes back.
            self._losses.doubtful_count = self._file.waiting_count
        self._losses.abandoned_count += lost
        self._drain.large_written = self._large_taken
