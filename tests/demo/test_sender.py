"""A sender loses nothing: what the intake could not store goes again, and only a refusal of the sender ends it."""

from collections.abc import Iterator

import httpx
import pytest

from safehome.demo.sender import NotTaken, Reading, Sender, Stopped, batches

TAKEN = httpx.Response(202, json={"accepted": 2, "duplicates": 1})
DOWN = httpx.Response(503, headers={"retry-after": "5"}, json={})
SLOWER = httpx.Response(429, headers={"retry-after": "7"}, json={})
PARTLY = httpx.Response(
    400, json={"accepted": 1, "duplicates": 0, "errors": [{"index": 1, "field": "value", "reason": "value is missing"}]}
)
READINGS: list[Reading] = [{"device": "a"}, {"device": "b"}]


class Line:
    """A connection to the intake on which the answers are known beforehand."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self._answers: Iterator[httpx.Response | httpx.TransportError] = iter(answers)
        self.sent: list[list[Reading]] = []
        self.waited: list[float] = []

    def post(self, readings: list[Reading]) -> httpx.Response:
        self.sent.append(readings)
        answer = next(self._answers)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    def pause(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return False


def test_what_was_taken_is_counted() -> None:
    sender = Sender(Line(TAKEN).post, lambda _: False)
    sender.send(READINGS)
    assert (sender.account.accepted, sender.account.duplicates, sender.account.refused) == (2, 1, 0)


@pytest.mark.parametrize("trouble", [DOWN, SLOWER, httpx.ConnectError("refused"), httpx.ReadTimeout("late")])
def test_what_was_not_stored_is_sent_again_unchanged(trouble: httpx.Response | httpx.TransportError) -> None:
    line = Line(trouble, trouble, TAKEN)
    Sender(line.post, line.pause).send(READINGS)
    assert line.sent == [READINGS, READINGS, READINGS]


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    line = Line(SLOWER, DOWN, TAKEN)
    Sender(line.post, line.pause).send(READINGS)
    assert line.waited == [7.0, 5.0]


def test_without_an_answer_it_waits_longer_each_time_and_never_very_long() -> None:
    line = Line(*[httpx.ConnectError("refused")] * 8, TAKEN)
    Sender(line.post, line.pause).send(READINGS)
    assert line.waited == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_refused_readings_are_counted_with_their_reason_and_not_sent_again() -> None:
    line = Line(PARTLY)
    sender = Sender(line.post, line.pause)
    sender.send(READINGS)
    assert sender.account.reasons == {"value is missing": 1}
    assert len(line.sent) == 1


@pytest.mark.parametrize("status", [401, 404, 413, 500])
def test_a_sender_that_is_refused_as_a_whole_is_told(status: int) -> None:
    with pytest.raises(NotTaken, match=str(status)):
        Sender(Line(httpx.Response(status, json={"title": "no"})).post, lambda _: False).send(READINGS)


def test_it_can_be_told_to_stop_while_it_waits() -> None:
    with pytest.raises(Stopped):
        Sender(Line(DOWN).post, lambda _: True).send(READINGS)


def test_batches_hold_every_reading_once() -> None:
    assert list(batches(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
