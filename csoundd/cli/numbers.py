"""Numbers with a minus among the words of a command."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Any, Final

from typer.core import TyperCommand

_NEGATIVE: Final = re.compile(r"-(\.?\d|Infinity$)")


class TakesNumbers(TyperCommand):
    """A command among whose arguments ``-7`` is a number, where click takes a word with a dash for an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Leave numbers alone. A word with a dash that is neither a number nor an option is refused as ever."""
        words = list(takewhile(lambda word: word != "--", args))
        if any(map(_NEGATIVE.match, words)):
            ctx.ignore_unknown_options = True
            flags = {flag for parameter in self.get_params(ctx) for flag in parameter.opts}
            for word in words:
                if word.startswith("-") and not _NEGATIVE.match(word) and word.partition("=")[0] not in flags:
                    ctx.fail(f"No such option: {word}")
        return super().parse_args(ctx, args)
