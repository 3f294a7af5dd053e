"""The page shows fewer texts than the model writes: the first, the last, and some in between."""

from types import SimpleNamespace

import pytest

from mini_gpt.support.web import pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that is moved by hand."""
    hands = SimpleNamespace(now=100.0)
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: hands.now))
    return hands


def counted(clock, n, seconds, closed):
    """Hand out 1 to n, so many seconds apart, and write down when it is closed."""
    try:
        for number in range(1, n + 1):
            yield number
            clock.now += seconds
    finally:
        closed.append(True)


@pytest.mark.parametrize(
    ("n", "seconds", "shown"),
    [
        (0, 0.0, []),
        (1, 0.0, [1]),
        (7, 0.0, [1, 7]),
        (7, 0.02, [1, 4, 7]),
        (8, 0.02, [1, 4, 7, 8]),
        (4, 0.06, [1, 2, 3, 4]),
    ],
)
def test_first_last_and_some_between(clock, n, seconds, shown):
    """All that an eye can follow is shown, and the end always"""
    closed = []
    assert list(pace.seldom(counted)(clock, n, seconds, closed)) == shown
    assert closed == [True]


def test_who_stops_stops_the_work(clock):
    """Closing what is shown closes what is behind it"""
    closed = []
    shown = pace.seldom(counted)(clock, 100, 1.0, closed)
    assert next(shown) == 1 and not closed
    shown.close()
    assert closed == [True]


def test_only_what_hands_out_texts():
    """A function of the page that returns something stays as it is"""

    def one_answer():
        """Return."""

    def many():
        """Hand out."""
        yield

    functions = {1: SimpleNamespace(fn=one_answer), 2: SimpleNamespace(fn=many)}
    pace.calm(SimpleNamespace(fns=functions))
    assert functions[1].fn is one_answer
    assert functions[2].fn is not many and functions[2].fn.__name__ == "many"
