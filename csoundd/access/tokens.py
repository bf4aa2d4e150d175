"""Tokens: how they are made and recognised, and where they are kept.

A token is ``csd_``, 256 random bits in base 62, and a checksum that tells one that was copied badly from one that is
wrong. Only its SHA-256 is kept: from so much chance nobody finds the token, so a slow hash would protect nothing and
cost the server time that an attacker could make it spend.

Each token is a file of its own in the folder ``tokens`` of the state, written once: to make one is to rename a file
into its place, to revoke one is to remove it. So a command and a daemon share the folder without a lock, and neither
sees half a token.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from binascii import crc32
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits
from tempfile import NamedTemporaryFile
from typing import Final, TypedDict, Unpack

from csoundd.access.grants import RISING, ChannelGlobs, Grant, grant_up_to
from csoundd.errors import InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.limits import GLOBS, TOKEN_NAME_CHARACTERS, TOKENS
from csoundd.messages import Scope

PREFIX: Final = "csd_"
FORMAT: Final = 1
"""The version of the files that tokens are kept in."""

_ALPHABET: Final = digits + ascii_uppercase + ascii_lowercase
_SECRET_DIGITS: Final = 43
"""Digits in base 62 that hold 256 bits."""
_CHECK_DIGITS: Final = 6
_FOLDER: Final = "tokens"
_PART: Final = ".new-"


def new_token() -> str:
    """A token that nobody has."""
    secret = _in_base_62(secrets.randbits(256), _SECRET_DIGITS)
    return PREFIX + secret + _checksum(secret)


def is_token(text: str) -> bool:
    """Whether ``text`` has the form of a token, its checksum included."""
    secret, check = text[len(PREFIX) : -_CHECK_DIGITS], text[-_CHECK_DIGITS:]
    if len(secret) != _SECRET_DIGITS or not text.startswith(PREFIX) or not text.isascii():
        return False
    return _checksum(secret) == check


def digest(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()


def _checksum(secret: str) -> str:
    return _in_base_62(crc32(secret.encode()), _CHECK_DIGITS)


def _in_base_62(number: int, places: int) -> str:
    text = ""
    for _ in range(places):
        number, digit = divmod(number, len(_ALPHABET))
        text = _ALPHABET[digit] + text
    return text


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What is kept of a token: everything but the token. Times are Unix times, ``expires`` None for never."""

    id: str
    name: str
    scope: Scope
    channels: tuple[str, ...] | None
    """Globs of the channels that it may set, None where it is not limited to channels."""
    read_channels: tuple[str, ...] | None
    """Globs of those that it may read, None for all."""
    created: float
    expires: float | None
    sha256: str

    def grant(self) -> Grant:
        """What its bearer may do."""
        limited = self.channels is not None or self.read_channels is not None
        globs = ChannelGlobs(self.read_channels, self.channels or ()) if limited else None
        return Grant(grant_up_to(self.scope), globs, self.id, self.name)

    def is_over(self, now: float) -> bool:
        """Whether it has expired at the Unix time ``now``."""
        return self.expires is not None and now >= self.expires


class TokenLimits(TypedDict, total=False):
    """What a token is limited to, beside its scope; None, or nothing, where it is not.

    ``channels`` are globs of those it may set and, unless there are ``read_channels``, read; that leaves it no events.
    ``lifetime`` is in seconds.
    """

    channels: list[str] | None
    read_channels: list[str] | None
    lifetime: float | None


class TokenStore:
    """The tokens of the state folder ``state``; without one there are none, and none can be made."""

    def __init__(self, state: Path | None) -> None:
        self._folder = None if state is None else state / _FOLDER
        self._read: dict[str, TokenRecord] = {}
        """Those read so far. Their files never change."""

    def create(
        self,
        name: str,
        scope: Scope,
        **limits: Unpack[TokenLimits],
    ) -> tuple[str, TokenRecord]:
        """A new token, which is shown here and never again, and what is kept of it.

        Raises InvalidParams for what contradicts itself, WrongState without a state folder, LimitExceeded.
        """
        folder = self.check(name, scope, **limits)
        channels, lifetime = limits.get("channels"), limits.get("lifetime")
        token, now = new_token(), time.time()
        record = TokenRecord(
            id=_in_base_62(secrets.randbits(48), 8),
            name=name,
            scope=scope,
            channels=None if channels is None else tuple(channels),
            read_channels=_readable(channels, limits.get("read_channels")),
            created=now,
            expires=None if lifetime is None else now + lifetime,
            sha256=digest(token),
        )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile("w", dir=folder, prefix=_PART, delete=False) as part:
            # Readable for its owner only, as all that NamedTemporaryFile makes.
            json.dump({"format": FORMAT, **asdict(record)}, part)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(self._file(record.id))
        self._read[record.id] = record
        return token, record

    def check(
        self,
        name: str,
        scope: Scope,
        **limits: Unpack[TokenLimits],
    ) -> Path:
        """Raise what :meth:`create` would, and make nothing; returns the folder that the token would be in."""
        if self._folder is None:
            raise WrongState(
                "there is no folder for tokens", hint="start the daemon with --state DIR, outside of its workspace"
            )
        _check(name, scope, limits.get("channels"), limits.get("read_channels"), limits.get("lifetime"))
        if len(self.records()) >= TOKENS:
            raise LimitExceeded(f"there are {TOKENS} tokens, the most there may be", name="tokens", limit=TOKENS)
        return self._folder

    def revoke(self, named: str) -> TokenRecord:
        """Remove a token, by its id or, where no other has it, by its name. Raises NotFound, InvalidParams."""
        records = self.records()
        found = [record for record in records if record.id == named] or [r for r in records if r.name == named]
        if not found:
            raise NotFound(f"there is no token {named[:TOKEN_NAME_CHARACTERS]}")
        if len(found) > 1:
            ids = ", ".join(record.id for record in found)
            raise InvalidParams(f"{len(found)} tokens have that name", hint=f"give an id: {ids}")
        self._file(found[0].id).unlink(missing_ok=True)
        self._read.pop(found[0].id, None)
        return found[0]

    def records(self) -> list[TokenRecord]:
        """What is kept of each token there is now, the oldest first; what expired is among them."""
        names = set[str]()
        if self._folder is not None:
            with suppress(FileNotFoundError, NotADirectoryError):
                names = {path.stem for path in self._folder.iterdir() if path.suffix == ".json"}
        for gone in self._read.keys() - names:
            del self._read[gone]
        for new in names - self._read.keys():
            record = self._load(new)
            if record is not None:
                self._read[new] = record
        return sorted(self._read.values(), key=lambda record: (record.created, record.id))

    def find(self, token: str) -> TokenRecord | None:
        """The record of ``token``, None for one that there is not or that has expired."""
        if not is_token(token):
            return None
        wanted, found, now = digest(token), None, time.time()
        for record in self.records():
            # Each is compared, and to its end: how long it takes says nothing of what is kept.
            if secrets.compare_digest(record.sha256, wanted):
                found = record
        return None if found is None or found.is_over(now) else found

    def _file(self, token_id: str) -> Path:
        if self._folder is None:
            raise NotFound("there is no such token")
        return self._folder / f"{token_id}.json"

    def _load(self, token_id: str) -> TokenRecord | None:
        """What a file says, None where it says nothing that can be used: it grants nothing then."""
        try:
            kept = json.loads(self._file(token_id).read_text())
            if kept.pop("format") != FORMAT or kept["id"] != token_id:
                return None
            return _record(kept)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def _record(kept: Mapping[str, object]) -> TokenRecord:
    """Raises KeyError, TypeError and ValueError for what is no record."""
    scope, expires = kept["scope"], kept["expires"]
    if scope not in RISING:
        raise ValueError(scope)
    return TokenRecord(
        id=str(kept["id"]),
        name=str(kept["name"]),
        scope=RISING[RISING.index(scope)],
        channels=_globs(kept["channels"]),
        read_channels=_globs(kept["read_channels"]),
        created=float(str(kept["created"])),
        expires=None if expires is None else float(str(expires)),
        sha256=str(kept["sha256"]),
    )


def _globs(kept: object) -> tuple[str, ...] | None:
    if kept is None:
        return None
    if not isinstance(kept, list):
        raise TypeError(kept)
    return tuple(map(str, kept))


def _readable(channels: list[str] | None, read_channels: list[str] | None) -> tuple[str, ...] | None:
    globs = channels if read_channels is None else read_channels
    return None if globs is None else tuple(globs)


def _check(
    name: str, scope: Scope, channels: list[str] | None, read_channels: list[str] | None, lifetime: float | None
) -> None:
    if not name.strip() or len(name) > TOKEN_NAME_CHARACTERS or not name.isprintable():
        raise InvalidParams(f"name: should be 1 to {TOKEN_NAME_CHARACTERS} characters on one line", parameter="name")
    if lifetime is not None and not lifetime > 0:
        raise InvalidParams("expires: should be more than 0 seconds from now", parameter="expires")
    limited = channels is not None or read_channels is not None
    if limited and scope in {"compile", "admin"}:
        raise InvalidParams(
            f"a token that may {'compile' if scope == 'compile' else 'do everything'} cannot be limited to channels",
            hint="an instrument writes whatever channels it likes: the scope is control or read",
        )
    if channels is not None and scope == "read":
        raise InvalidParams("a token of the scope read sets no channels", hint="say which it may read")
    if scope == "control" and channels is None and limited:
        raise InvalidParams("say as well which channels it may set: an event can read any channel")
    for globs in (channels, read_channels):
        if globs is not None and len(globs) > GLOBS:
            raise LimitExceeded(f"a token may be limited to {GLOBS} globs at most", name="globs", limit=GLOBS)
    for glob in [*(channels or ()), *(read_channels or ())]:
        if not glob:
            raise InvalidParams("an empty text matches no channel", hint="* matches every channel")
