"""A filter in the system for a UDP socket: what comes from some IP addresses is dropped before it wakes this process.

A datagram that is read to be refused costs 2 us and, where it comes alone, 20 us for the wake: a sender of hundreds
of thousands a second would have all of the front's time, and the system's buffer full of its own. Linux takes such a
filter for a socket from anybody (``SO_ATTACH_FILTER``, packet(7)); elsewhere there is none, and all are read.
"""

from __future__ import annotations

import ctypes
import ipaddress
import socket
import struct
import sys
from collections.abc import Iterable
from typing import Final

_ATTACH: Final = 26
_DETACH: Final = 27
"""``SO_ATTACH_FILTER`` and ``SO_DETACH_FILTER`` of Linux, which the socket module has no names for."""

_INSTRUCTION: Final = struct.Struct("HBBI")
_NETWORK_HEADER: Final = 0xFFF00000
"""Where the head of the IP packet begins, to a filter (``SKF_NET_OFF``)."""

_LOAD_BYTE: Final = 0x30
_LOAD_WORD: Final = 0x20
_AND: Final = 0x54
_JUMP_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_ALL: Final = 0xFFFFFFFF

_VERSION_BITS: Final = 0xF0
_SOURCE_OF_VERSION: Final = {4: 12, 6: 8}
"""Where the source stands in the head of a packet of IP version 4 and 6."""


def drop(sock: socket.socket, hosts: Iterable[str]) -> bool:
    """Have the system drop what comes from ``hosts``, and nothing else; whether it can."""
    if sys.platform != "linux":
        return False
    blocks = [_block(host) for host in hosts]
    try:
        if not blocks:
            sock.setsockopt(socket.SOL_SOCKET, _DETACH, 0)
            return True
        program = b"".join([*blocks, _INSTRUCTION.pack(_RETURN, 0, 0, _ALL)])
        kept = ctypes.create_string_buffer(program)
        described = struct.pack("HP", len(program) // _INSTRUCTION.size, ctypes.addressof(kept))
        sock.setsockopt(socket.SOL_SOCKET, _ATTACH, described)
    except OSError:
        return False
    return True


def _block(host: str) -> bytes:
    """Instructions that drop a packet from ``host`` and go on with any other."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    words = [int.from_bytes(address.packed[at : at + 4]) for at in range(0, len(address.packed), 4)]
    source = _NETWORK_HEADER + _SOURCE_OF_VERSION[address.version]
    tests = [(_LOAD_BYTE, _NETWORK_HEADER), (_AND, _VERSION_BITS), (_JUMP_IF_EQUAL, address.version << 4)]
    for number, word in enumerate(words):
        tests += [(_LOAD_WORD, source + 4 * number), (_JUMP_IF_EQUAL, word)]
    length = len(tests)
    packed = [
        # To the end of the block, behind the instruction that drops it.
        _INSTRUCTION.pack(code, 0, length - at if code == _JUMP_IF_EQUAL else 0, value)
        for at, (code, value) in enumerate(tests)
    ]
    return b"".join([*packed, _INSTRUCTION.pack(_RETURN, 0, 0, 0)])
