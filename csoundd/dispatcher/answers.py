"""Stage 3, answers: those to a batch, put together in the order of its requests."""

from __future__ import annotations

from collections.abc import Callable

from csoundd.messages import Response

Answer = Callable[[Response | list[Response]], None]
Respond = Callable[[Response], None]


class Answers:
    """Takes ``wanted`` answers as they come and hands them on together when the last is there."""

    def __init__(self, wanted: int, answer: Answer) -> None:
        self._wanted = wanted
        self._answer = answer
        self._places = 0
        self._responses: dict[int, Response] = {}

    def place(self) -> Respond:
        """Where the next request's answer goes."""
        index = self._places
        self._places += 1

        def respond(response: Response) -> None:
            self._responses[index] = response
            if len(self._responses) == self._wanted:
                self._answer([self._responses[i] for i in range(self._wanted)])

        return respond
