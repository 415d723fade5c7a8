import signal

import pytest

from loader.errors import StoppedError
from loader.stopping import stop_signals, stops_held_back


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_that_is_held_back_comes_when_the_work_is_done(number: signal.Signals, exit_code: int) -> None:
    done = []
    with pytest.raises(StoppedError) as stopped, stop_signals():  # noqa: PT012 - the order is what is tested
        with stops_held_back():
            signal.raise_signal(number)
            done.append("held")
        done.append("not reached")
    assert done == ["held"]
    assert stopped.value.exit_code == exit_code


def test_handlers_are_what_they_were() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with stop_signals(), stops_held_back():
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) != before
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_second_stop_waits_no_more() -> None:
    done = []
    with pytest.raises(StoppedError), stop_signals(), stops_held_back():  # noqa: PT012 - as above
        signal.raise_signal(signal.SIGTERM)
        done.append("held")
        signal.raise_signal(signal.SIGTERM)
        done.append("not reached")
    assert done == ["held"]
