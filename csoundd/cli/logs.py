"""The log of a daemon on standard error: lines for people, or JSON for programs that gather logs."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

from csoundd.cli.standard_error import install
from csoundd.config import Config
from csoundd.daemon import csound_log

ABOUT: Final = ("session", "request")
"""What a line may be about, beside its text: the beginning of a session's id, and the id of a request."""


class PlainFormatter(logging.Formatter):
    """A line for people, with what it is about in brackets."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line."""
        about = " ".join(f"{name} {value}" for name in ABOUT if (value := getattr(record, name, None)) is not None)
        line = super().formatMessage(record)
        return f"{line} [{about}]" if about else line


class JsonFormatter(logging.Formatter):
    """A line that is a JSON object: time (ISO 8601), level, logger, message, and session and request where known."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: value for name in ABOUT if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            told["fault"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def log_to_standard_error(config: Config) -> None:
    """Write the log to standard error from now on, as ``config`` wants it."""
    install()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if config.log_format == "json" else PlainFormatter())
    logging.basicConfig(handlers=[handler], level=config.log_level.upper())
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    # What Csound prints is its own: clients have it on the stream "messages", and a piece may print at each note.
    csound_log.setLevel(logging.DEBUG if config.verbose else logging.WARNING)
