"""The bounds of csoundd, each with its unit: sizes, counts, times and rates.

LIMITS, at the end, are those that a client can come to: each has a name, which stands in the error, in the metrics and
in the settings. Elsewhere stand the deadline of each method (``api/declare.py``) and what is Csound's own: its fixed
buffers (``engine/csound/limits.py``), its readers of text (``syntax/``), how far a score may be passed over
(``engine/csound/score.py``), and its memory where it is searched (``engine/csound/instances.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from csoundd.messages import Frames, Seconds

MIB: Final = 1 << 20


# Messages and memory of Csound.

PRINTED_LINE_CHARACTERS: Final = 4096
"""Characters of a line that go out. Csound 6 prints at most 8,192 of a ``printks``, Csound 7 any number."""

SANDBOX_MEMORY_BYTES: Final = 1024 * MIB
"""Memory of an engine in a sandbox, unless settings say otherwise."""

SANDBOX_WRITTEN_BYTES: Final = 4096 * MIB
"""Bytes that an engine in a sandbox may write in its life, unless settings say otherwise."""

ARRAY_ELEMENTS: Final = 1 << 24
"""Numbers of an array channel; of an audio array each element is a cycle long, a text counts as 16."""

SPECTRUM_SAMPLES: Final = 65_536
"""The largest transform, overlap and window of a spectral channel."""

CIRCULAR_BUFFER_BYTES: Final = 16 * MIB
"""Bytes of one circular buffer."""

CIRCULAR_BUFFERS_BYTES: Final = 256 * MIB
"""Bytes of all circular buffers of all sessions together."""

SESSION_HANDLES: Final = 20_000
"""Handles that one session may hold."""

TABLES: Final = 10_000
"""Tables that events have made in one engine. 6.18 takes 17 kB for each, however small it is, 7.0.0 and the embedded
engine 1.6 kB; the front keeps how each was made, and an engine that has died has them back after two seconds."""

OPTIONS_BYTES: Final = 64 * 1024
"""Bytes of all options of an engine, as JSON. They are one word of its host's command line, and Linux takes 128 KiB."""

VARIABLE_BYTES: Final = 16 * 1024
"""Bytes of a variable of Csound's environment. Linux takes 128 KiB of one; there are ten."""

OPTION_FILES_NESTED: Final = 8
"""Files of options that lead to one another."""

SEARCHED_MESSAGES: Final = 1000
"""Messages, of those dropped at once, among which errors are looked for."""

KEPT_LINES: Final = 1000
"""Lines of a library that are looked at before they are told, or kept over a reset."""

SANDBOX_KEPT_LINES: Final = 10_000
"""Lines of an engine in a sandbox that wait to be read."""

LINE_FRAGMENTS: Final = 1000
"""Fragments after which a line without an end is ended."""

LIBRARY_LOAD_SECONDS: Final = 20.0
"""Seconds that a library may take to be loaded."""

NPM_SECONDS: Final = 300.0
"""Seconds for npm to fetch 28 MB over a slow line."""

CONVERSION_SECONDS: Final = 300.0
"""Seconds for binaryen to convert the module; it takes about five on an ordinary machine."""


# Messages of clients, in every encoding.

BATCH_REQUESTS: Final = 1000
"""Requests in one batch."""

LONGEST_TIME_SECONDS: Final = 1e9
"""Seconds, 31 years, of a deadline or a time: what is beyond is a mistake, and overflows the clocks of systems."""

ARRAY_DIMENSIONS: Final = 32
"""Dimensions of an array, and lists in lists that stand for one."""

ARRAY_SIDE: Final = 2**31
"""Elements in each dimension of an array: fewer than this."""

VALUE_NESTED: Final = 64
"""Lists and objects in each other, in a value of a message."""

LARGE_ARRAY_BYTES: Final = 256 * 1024
"""Bytes of an array from which on it is written as JSON beside the event loop: 32 MB take a third of a second."""

KEPT_PACKER_BYTES: Final = MIB
"""Bytes to which a packer of messages may have grown and is kept."""

OSC_NESTED: Final = 16
"""Bundles in bundles, and arrays in arrays, of OSC."""

QUOTED_CHARACTERS: Final = 80
"""Characters of a name that an error quotes."""

CANCELLED_CALL_SECONDS: Final = Seconds(2.0)
"""Seconds that calls of the front may take to end once they are cancelled."""


# What clients push.

INVALUE_TEXT_BYTES: Final = 255
"""Bytes of a text that an ``invalue`` can hold: Csound makes strings 256 long and says no size."""

HIGHEST_KEY_CODE: Final = 0xFFFF
"""The highest code of a key."""

WAITING_KEYS: Final = 256
"""Keys that wait to be read; the oldest go."""

WAITING_MIDI_BYTES: Final = 65_536
"""MIDI bytes that wait to be read; no more are accepted."""

SPIN_QUEUE_SECONDS: Final = Seconds(4.0)
"""Seconds of audio for spin that may wait. What comes faster than it is played is refused: nothing is lost silently."""

REMOTE_OPCODE_VALUES: Final = 8
"""Values of a remote opcode in each direction."""


# Text of Csound that is read.

INCLUDED_FILES: Final = 500
"""Files that one orchestra includes, each as often as it does."""

INCLUDES_NESTED: Final = 64
"""Files that include each other."""

MACROS_NESTED: Final = 64
"""Macros and files of an orchestra in each other."""

MACRO_TOKENS: Final = 200_000
"""Tokens that the macros and includes of one orchestra may come to; past it they are left as they stand."""

SCORE_MACROS_NESTED: Final = 50
"""Macros of a score in each other. One that uses itself does so without an end."""

SCORE_CHARACTERS: Final = 1_000_000
"""Characters that a score may come to by its macros."""

CONSTANT_TOKENS: Final = 200
"""Tokens of a constant that is worked out."""

PANEL_WIDGETS: Final = 1000
"""Widgets of a panel that are read."""

WIDGET_CHARACTERS: Final = 4000
"""Characters of a widget that is read."""


# Output of the host.

BUSY_BYTES: Final = 64 * 1024
"""Bytes unsent to the front beyond which it is busy: what is printed and what pollers would read waits."""

OUTPUT_BYTES: Final = MIB
"""Bytes unsent to the front beyond which no output is added."""

LINES: Final = 10_000
"""Lines that Csound may print at once, as many as the front keeps."""

LINES_PER_SECOND: Final = 2_000
"""Lines that come back to the allowance in a second."""

LINES_PER_TURN: Final = 400
"""Lines that are read at once: about 2 ms, so that commands and cycles do not wait for them."""

ERRORS: Final = 1_000
"""Errors that may come at once although the lines are used up."""

ERRORS_PER_SECOND: Final = 200
"""Errors that come back to this allowance in a second."""

CALL_LINES: Final = 100
"""Lines of its own that any call may print although the lines are used up."""

COMPILATION_LINES: Final = 1_000
"""Lines of its own that a compilation may print although the lines are used up."""

EVENTS: Final = 10_000
"""Events of callbacks (``outvalue``, ``midi``, graphs, files) that may come at once."""

EVENTS_PER_SECOND: Final = 4_000
"""Events that come back to the allowance in a second; a MIDI cable carries 1,000 messages."""

UNIT_BYTES: Final = 256
"""A line or an event counts as one for so many of its bytes."""

MESSAGE_LINES: Final = 20
"""Lines in one message to the front."""

DROPPED_NOTICE_SECONDS: Final = Seconds(0.2)
"""Seconds after which the count of what was dropped is told, at the latest."""

QUOTED_LINES: Final = 12
"""Lines that an engine error quotes, the last that Csound printed."""


# The performance, and what is read between its cycles.

REANCHOR_SECONDS: Final = Seconds(0.2)
"""Seconds of lateness that are not made good any more: the clock starts anew from now."""

FREE_TURN_SECONDS: Final = Seconds(0.004)
"""Seconds, about, for which a drive without a clock performs between two looks at the link."""

FREE_TURN_FRAMES: Final = Frames(8192)
"""Frames that it performs at most between two looks, and keeps room for in the ring."""

FREE_BURST_CYCLES: Final = 128
"""Cycles that it performs at most between two looks at the time."""

FULL_RING_SECONDS: Final = Seconds(0.001)
"""Seconds for which a drive without a clock waits for the front to read audio: it loses none."""

NEW_CHANNELS_SECONDS: Final = Seconds(0.1)
"""Seconds between two looks for channels that were not there before."""

GATHERED_AUDIO_SECONDS: Final = Seconds(0.01)
"""Seconds of audio that a continuous audio-channel poller gathers in a frame."""

POLLER_REST: Final = 4.0
"""A poller takes at most a fifth of the time: after a reading it rests for so many times what the reading took."""

SNAPSHOT_SECONDS: Final = Seconds(0.02)
"""Seconds between two snapshots, at the least."""

SNAPSHOT_SHARE: Final = 0.01
"""The share of the time that snapshots may take."""

SNAPSHOT_POINTS: Final = 65_536
"""Points of tables that one snapshot compares."""

SNAPSHOT_TABLES: Final = 32
"""Numbers of tables that one snapshot tries."""

SNAPSHOT_TABLE_POINTS: Final = 262_144
"""Points of a table that is told whole; of a larger one only the length is told: nobody writes a sample by hand."""

SNAPSHOT_ALL_POINTS: Final = 4_194_304
"""Points of all tables together that are told; tables found later are left to the code that makes them."""

SNAPSHOT_ELEMENTS: Final = 65_536
"""Elements of array channels that one snapshot compares."""

SNAPSHOT_ARRAY_ELEMENTS: Final = 262_144
"""Elements of an array channel that is told whole; a larger one is made again, with what clients have set in it.

One of 16,777,216 numbers took 1 GB and more than a second to tell: the watchdog ended the engine."""

SNAPSHOT_ALL_ELEMENTS: Final = 4_194_304
"""Elements of all array channels together that are told; those that are found later are left to what makes them."""

TABLES_BEYOND: Final = 200
"""Numbers behind the last table in which tables are looked for: ``ftgen`` counts from 101."""

TABLE_GAP: Final = 1000
"""Numbers in a row without a table after which there are taken to be none."""

LONGEST_DELAY_SECONDS: Final = Seconds(30 * 86_400.0)
"""Seconds for which a call may be put off. More is a mistake: no client waits for it, and no clock counts it."""

XRUN_NOTICE_SECONDS: Final = Seconds(1.0)
"""Seconds between two notices that the card ran dry; it is counted every time."""


# Streams and sessions.

SLOWEST_RATE_HZ: Final = 1e-6
"""The slowest, a frame in eleven days: the time between two frames has to be a number."""

FASTEST_RATE_HZ: Final = 1000.0
"""The fastest rate of a stream or a subscription."""

BLOCK_FRAMES: Final = 65_536
"""Frames in one block of audio."""

STALLED_CLOSE_SECONDS: Final = 1.0
"""Seconds between the close frame for a client that takes nothing and the end of its connection."""

UNTOLD_STREAM_SECONDS: Final = 1.0
"""Seconds after which a stream's frames go out even though no answer has named it."""

LONGEST_LINGER_SECONDS: Final = 30.0
"""Seconds for which a session waits for its client to come back, unless that asks for less."""


# HTTP and WebSocket.

CLOSE_SECONDS: Final = 10.0
"""Seconds that a client has for its part of the closing handshake."""

SHUTDOWN_SECONDS: Final = 0.5
"""Seconds that clients have to answer the close frame when the server stops."""

SOCKET_UNSENT_BYTES: Final = 128 * 1024
"""Bytes the system may hold that are not on their way: a slow client should hear the present, not the past."""

CLIENT_NAME_LENGTH: Final = 200
"""Characters of a client's name that are kept."""

TAKEN_OVER_CLOSE_SECONDS: Final = 1.0
"""Seconds between the close frame for a connection whose session another one took up and its end."""

UNANSWERED_SECONDS: Final = 1.0
"""Seconds after which a connection is taken up even though nothing has been answered on it."""

HTTP_GRACE_SECONDS: Final = 1.0
"""Seconds that connections and calls over HTTP have left when the server stops."""

KEEPALIVE_IDLE_SECONDS: Final = 20
"""Seconds of silence after which the system asks whether the peer of a connection is there."""

KEEPALIVE_PROBE_SECONDS: Final = 10
"""Seconds between two such questions."""

KEEPALIVE_PROBES: Final = 3
"""Questions without an answer after which the connection is at its end: after 50 seconds in all."""

READ_TURN_SECONDS: Final = 0.0005
"""Seconds, about, for which what one connection has sent is read until the others have their turn."""

PING_SECONDS: Final = 15.0
"""Seconds of silence after which a WebSocket client is pinged, and as many more after which one that keeps silent is
given up. A session waits 30 seconds to be resumed, so a phone that vanished keeps a subscription for a minute at most.
nginx closes a connection on which nothing came for 60 seconds."""

FIRST_REQUEST_SECONDS: Final = 30.0
"""Seconds in which a client over HTTP has to send the head of its first request."""

REQUEST_HEAD_BYTES: Final = 1 << 16
"""Bytes of the head of a request over HTTP, its address and headers; what is longer is answered 431."""

DESCRIPTORS_RESERVED: Final = 128
"""Descriptors that connections leave to the engine's processes and to files."""

HTTP_CONNECTIONS: Final = 2048
"""Connections over HTTP and WebSocket."""

HTTP_SOURCE_CONNECTIONS: Final = 1024
"""Those of one IP address: a proxy, or a room full of players behind one router, has one."""

SOURCE_CONNECTING: Final = 200
"""New connections a second of one IP address, of each listener; after a pause as many at once as may be open."""

HTTP_SHARE: Final = 0.25
"""The share of the front's time that requests over HTTP of one IP address take, messages over WebSocket apart: some
hundreds a second. While less than half of the time is taken, half of the calls of others wait for nothing."""

HTTP_BURST_SECONDS: Final = 0.5
"""Seconds of the front's time that they may have saved up: a page with all that belongs to it takes a tenth."""

EARLY_SECONDS: Final = 1.0
"""Seconds that a connection or a request of an address that has had its share waits at most; beyond it is refused."""

OSC_CONNECTIONS: Final = 1024
"""Connections of OSC over TCP."""

OSC_SOURCE_CONNECTIONS: Final = 256
"""Those of one IP address."""

OSCQUERY_CONNECTIONS: Final = 512
"""Connections of OSCQuery."""

OSCQUERY_SOURCE_CONNECTIONS: Final = 128
"""Those of one IP address."""

REFUSALS_LOGGED_SECONDS: Final = 60.0
"""Seconds after which the log says again that connections of a source are refused, or that none can be accepted."""

ACCEPT_AGAIN_SECONDS: Final = 1.0
"""Seconds after which connections are accepted again where the system had nothing left for one."""

ACCEPTED_AT_ONCE: Final = 16
"""Connections that are accepted between two looks at those there are."""

ACCEPT_BACKLOG: Final = 512
"""Connections that wait to be accepted."""

SWALLOWED_FILE_BYTES: Final = 64 * MIB
"""So many bytes over the limit are still read, so that the client hears why."""

SWALLOWED_BODY_FACTOR: Final = 8
"""A body over the limit is read to its end, so that the client hears why, if it has at most so many times the limit."""

REFUSALS_LOGGED: Final = 100
"""Origins and hosts whose refusal is logged, each once: names can be made up."""

LISTENERS: Final = 100
"""Clients that listen to ``/listen.wav`` and ``/listen.opus`` at once."""

LISTENER_SECONDS: Final = 10.0
"""Seconds in which a listener has to take something."""

LOGGED_SOURCES: Final = 1000
"""Sources that are kept apart in the log at once."""

DESCRIPTORS: Final = 1 << 16
"""Descriptors that are asked of the system: four times what all connections together may need."""


# Tokens.

TOKENS: Final = 1000
"""Tokens that may be kept."""

TOKEN_NAME_CHARACTERS: Final = 80
"""Characters of a token's name."""

GLOBS: Final = 100
"""Globs of channels that a token may be limited to."""

WRONG_TOKEN_SECONDS: Final = 0.25
"""Seconds until the first wrong token of a connection is answered; each further one takes twice as long."""

WRONG_TOKENS: Final = 10
"""Wrong tokens of a connection after which no more are looked at."""

LONGEST_WRONG_TOKEN_SECONDS: Final = 8.0
"""Seconds that the answer to a wrong token takes at most."""

REVOCATION_SECONDS: Final = 0.25
"""Seconds between two looks for tokens that another process has revoked, or that expired."""

TOKEN_WAIT_SECONDS: Final = 10.0
"""Seconds that a WebSocket may be open without a token where one is needed."""

TOKENLESS_SESSIONS: Final = 32
"""WebSockets that may be open at once without a token where one is needed."""

PAIRING_SECONDS: Final = 120.0
"""Seconds for which a link that pairs a device is good, once."""

PAIRINGS: Final = 20
"""Links that pair a device and are known at once; the oldest go."""

PAIRING_LOOK_SECONDS: Final = 0.5
"""Seconds between two looks whether a device was paired."""

LINK_CHARACTERS: Final = 500
"""Characters of the address in such a link: a QR code of many more is hard to read."""

PAIRING_BYTES: Final = 4096
"""Bytes of what a device sends to be paired."""

CERTIFICATE_LOOK_SECONDS: Final = 5.0
"""Seconds between two looks whether a certificate has changed or is to be renewed."""

TLS_HANDSHAKE_SECONDS: Final = 10.0
"""Seconds that a client has for the handshake of TLS."""

TICKET_SECONDS: Final = 60.0
"""Seconds for which a ticket is good, once."""

TICKETS: Final = 1000
"""Tickets that wait to be used; the oldest go."""

COOKIE_SECONDS: Final = 30 * 86_400
"""Seconds for which a browser keeps a cookie."""

COOKIES: Final = 1000
"""Cookies that are known at once; the oldest go."""

AUDIT_LINES_PER_SECOND: Final = 20
"""Refusals that are written to the log in a second; more are counted."""


# OSC.

DATAGRAM_BYTES: Final = 65507
"""Bytes of the largest datagram over IPv4: 65535 without the headers of IP and UDP (RFC 768)."""

OSC_TCP_PACKET_BYTES: Final = 16 * MIB - 1
"""Bytes of the largest OSC packet over TCP: one more, and its length would not begin with a zero."""

OSC_SENDERS: Final = 4096
"""Senders over UDP that are known at once."""

OSC_SENDERS_FORGOTTEN: Final = 256
"""Senders that are forgotten at once where there are too many."""

DATAGRAM_BATCH: Final = 64
"""Datagrams that are read between two looks at the clock."""

UDP_WAKE_SECONDS: Final = 0.0005
"""Seconds after which reading datagrams pauses even where the socket holds more."""

DROPPED_SECONDS: Final = 0.02
"""Seconds for which the system drops, where it can, what comes over UDP from an IP address that has sent too much."""

DROPPED_HOSTS: Final = 64
"""IP addresses of which it does so at once."""

UDP_BUFFER_BYTES: Final = 16 * MIB
"""Bytes that are asked of the system for datagrams that wait."""

UNSENT_DATAGRAMS: Final = 1000
"""Datagrams that wait to be sent."""

OSC_UNREAD_BYTES: Final = 64 * MIB
"""Bytes that a client of OSC over TCP may leave unread before its connection is cut."""

SENDER_BUNDLES: Final = 4096
"""Bundles of one sender that may wait for their time."""

WAITING_BUNDLES: Final = 8192
"""Bundles of all senders that may wait: fewer than the calls that the engine takes at once, so others get through."""

REJECTED_MESSAGES: Final = 8
"""Messages of a bundle that may not fit their methods before all of it is refused."""

BUNDLE_GRACE_SECONDS: Final = Seconds(30.0)
"""Seconds after its time in which a bundle may still be answered."""

CHANNELS_SET_AT_ONCE: Final = 256
"""Channels that one command sets: the cycle edge it holds up is not to be noticed."""

PATTERN_CHARACTERS: Final = 1024
"""Characters of a pattern."""

PATTERN_STEPS: Final = 10_000
"""Steps that matching one pattern may take."""

AMPLIFICATION: Final = 4
"""Bytes that may go back to an address that may be forged, for each that came. QUIC allows 3 (RFC 9000, 8.1)."""

ERROR_CHARACTERS: Final = 1000
"""Characters of the text of an ``/error``."""

PACKET_PATTERNS: Final = 16
"""Patterns in one packet: each is held against every address."""

PACKET_MESSAGES: Final = 1024
"""Messages that one packet may come to: more at one cycle edge would be heard."""

KNOWN_ADDRESSES: Final = 4096
"""Addresses that are remembered with their handlers."""

KNOWN_ADDRESS_BYTES: Final = 256
"""Bytes of the longest packet whose address is remembered."""

HELD_PACKETS: Final = 1000
"""Packets of one sender that wait while a pattern of an earlier one is being looked up."""

LAPSE_SECONDS: Final = 60.0
"""Seconds of silence after which a sender over UDP is forgotten, with its subscriptions and handles."""

SENDER_SUBSCRIPTIONS: Final = 64
"""Subscriptions of one sender over OSC."""

HOST_SUBSCRIPTIONS: Final = 256
"""Subscriptions over OSC of all senders at one IP address beyond this machine."""

OSC_SUBSCRIPTIONS: Final = 1024
"""Subscriptions over OSC, of all senders."""

ECHO_SECONDS: Final = 1.0
"""Seconds for which a value that was sent can still come back as an echo."""

SETTLED_SECONDS: Final = 0.1
"""Seconds after which the last sender is told the values there are."""

REMEMBERED_SENDERS: Final = 16
"""Earlier senders that are remembered with the values they were told."""

TARGET_AGAIN_SECONDS: Final = 1.0
"""Seconds between two tries to subscribe a fixed target, while there is no engine."""

ECHOED_VALUES: Final = 64
"""Values of one channel that are remembered as sent."""

ECHOED_CHANNELS: Final = 10_000
"""Channels of which values are remembered as sent."""

NOTE_PFIELDS: Final = 1000
"""The last p-field of a held note that can be changed."""


# OSCQuery.

OSCQUERY_UNREAD_BYTES: Final = 16 * MIB
"""Bytes that a client may leave unread before its connection is cut."""

OSCQUERY_PATHS: Final = 10_000
"""Paths that one client may listen to."""

OSCQUERY_CHANGES: Final = 64
"""Paths that are told one by one when they are added or removed at once; beyond, their container has changed."""

LISTING_SECONDS: Final = Seconds(10.0)
"""Seconds that listing the channels may take."""

ANNOUNCED_NAMES: Final = 20
"""Names that are tried on the local network until one is free."""


# The front's engine.

WAITING_CALLS: Final = 10_000
"""Calls that may wait for the host at once, of all sessions together."""

ADVICE_SECONDS: Final = Seconds(5.0)
"""Seconds that advice on code that did not compile may take."""

KEPT_ADVICE: Final = 32
"""Sentences of advice that are remembered: nobody asks twice for the same."""

CACHED_READS: Final = 100
"""Reads of a channel within CACHE_SECONDS that make it worth a place in the shared memory."""

CACHE_SECONDS: Final = Seconds(10.0)
"""Seconds in which reads of a channel are counted."""

DRIVER_SECONDS: Final = Seconds(5.0)
"""Seconds that a driver may take to list its devices."""

LISTED_DEVICES_SECONDS: Final = Seconds(10.0)
"""Seconds for which a list of devices is taken to be true."""

ISOLATED_CALLS: Final = 4
"""Calls in processes of their own at once."""

UTILITY_ARGUMENT_CHARACTERS: Final = 4096
"""Characters of an argument of a utility."""

RECENT_FRAMES: Final = 262_144
"""Frames that are kept of what was heard before a recording's first sample is known: more than the ring holds."""

RECORDER_WAITING_BYTES: Final = 64 * MIB
"""Bytes of a recording that may wait for the disk: more than a minute of eight channels."""

SUSPECT_SECONDS: Final = Seconds(1.0)
"""Seconds: what is younger when Csound crashes by itself, or begins to hang, may be what it does that of."""

STATE_SLACK_BYTES: Final = MIB
"""Bytes of the journal on disk that are of no use any more, beyond as many as are of use, until it is rewritten."""

STATE_SYNC_SECONDS: Final = Seconds(1.0)
"""Seconds between two times at which the journal on disk is brought to the disk itself: what a loss of power costs."""

STATE_POSITION_SECONDS: Final = Seconds(0.1)
"""Seconds after which what the engine shows of itself is written at the latest, and where its score stands."""

KEPT_NOTES: Final = 4096
"""Notes to come that the journal keeps; of more, the latest."""

PUSH_SECONDS: Final = Seconds(10.0)
"""Seconds that a push to the engine may take."""

TRIAL_ENGINES: Final = 2
"""Throw-away engines at once; further checks wait for them."""

LOCK_SECONDS: Final = Seconds(1.0)
"""Seconds that a lock on a channel lasts unless it is given back."""

OPCODES_SECONDS: Final = 20.0
"""Seconds for a Csound with many plug-ins to list its opcodes."""

FILE_NAME_BYTES: Final = 255
"""Bytes of a file's name: beyond them the system takes none."""

PATH_BYTES: Final = 1000
"""Bytes of a path in the workspace."""

LISTENED_FRAMES: Final = 1024
"""Frames in a block for ``/listen.wav`` and ``/listen.opus``."""

LISTENED_BLOCKS: Final = 128
"""Blocks that wait for a listener who is slow: 2.7 s at 48 kHz."""

NAMED_FAILURES: Final = 20
"""Failures of restoring that are told one by one; of more, how many they are."""

SEARCHED_CALLS: Final = 32
"""Calls in flight among which one is looked for; among more, it is taken to be there."""


# The engine's process.

HOST_GRACE_SECONDS: Final = Seconds(1.0)
"""Seconds that a host may take to end in good order before it is killed."""

LAST_WORDS_SECONDS: Final = Seconds(0.5)
"""Seconds for which the front reads on after a host's end: a process of the orchestra's may hold the link open."""

SETTLED_ENGINE_SECONDS: Final = Seconds(5.0)
"""Seconds that an engine serves before another host is loaded to stand by: what is only tried needs none."""

HOST_START_SECONDS: Final = Seconds(30.0)
"""Seconds that a host may take until it says that it is ready."""

QUICK_DEATH_SECONDS: Final = Seconds(0.5)
"""Seconds after being ready within which a host that dies has not served."""

SHORT_LIFE_SECONDS: Final = Seconds(10.0)
"""Seconds within which an engine that was restored and dies again may well have died of the same thing."""

QUICK_DEATHS: Final = 3
"""Quick deaths of its own in a row after which a new host would die as well."""

WATCHDOG_SECONDS: Final = Seconds(0.1)
"""Seconds between two looks of the watchdog."""

LONGEST_LOOK_SECONDS: Final = Seconds(1.0)
"""Seconds between two looks that count as the host's own at most."""

SUDDEN_CALL_SECONDS: Final = Seconds(0.5)
"""Seconds of its own that a host may be at a call, however short the deadline is that the call was given."""

CYCLE_SECONDS: Final = Seconds(10.0)
"""Seconds after which a burst of cycles will not end, whatever it does."""

IDLE_CYCLE_SECONDS: Final = Seconds(3.0)
"""Seconds of computing after which a burst of cycles that neither reads nor takes memory will not end."""

FIRST_TOUCHED_PAGES: Final = 16
"""Pages that may be touched for the first time between two looks without anything getting on: the host's own."""

STUCK_SECONDS: Final = Seconds(1.0)
"""Seconds that a host may show no sign of life once a call has run past its deadline, or once it was stopped."""

START_AGAIN_SECONDS: Final = Seconds(1.0)
"""Seconds between two tries to start a host while the system has no descriptors, memory or processes for it."""


# The link between front and host.

OUTPUT_TURN_SECONDS: Final = Seconds(0.002)
"""Seconds for which the front takes in output before it looks at its clients again."""

LINES_IN_ORDER: Final = 100
"""Lines and events behind which an answer keeps its place: at rest all is told in its order."""

PART_BYTES: Final = 16 * 1024
"""Bytes of a part of a long message: a front takes that much in well under a millisecond."""

RECEIVE_BYTES: Final = 16 * 1024
"""Bytes that the host takes at once: so few commands that the next cycles do not wait for them."""

UNTAKEN_BYTES: Final = 16 * 1024
"""Bytes of output that may be on their way to the front, where nothing overtakes them: some hundred lines."""

IN_ORDER_BYTES: Final = 8 * 1024
"""Bytes of output that still go ahead of the answer that came after them, so that at rest all is told in its order."""

UNTAKEN_SECONDS: Final = Seconds(0.002)
"""Seconds until the host looks whether the front has taken more."""

RING_AUDIO_BYTES: Final = 2 * MIB
"""Bytes of audio in the ring, 2.7 s of stereo at 48 kHz: more than the front ever lags, little enough to be free."""

SHARED_CHANNELS: Final = 32
"""Channels whose values are in shared memory: few enough that the host may write all of them in each of its turns."""


# The command line.

STANDARD_ERROR_BYTES: Final = 256 * 1024
"""Bytes that may wait to be written to standard error."""

GATHERED_TEXT_SECONDS: Final = 0.005
"""Seconds in which text for standard error is gathered before it is written."""

STANDARD_ERROR_SECONDS: Final = 1.0
"""Seconds that what waits for standard error at the end of the program has to be taken."""

LAYOUT_SECONDS: Final = 10.0
"""Seconds that a daemon may take to write a control surface."""

PORTS_TRIED: Final = 16
"""Free ports that are tried until one is free over UDP and TCP."""

DUMPED_PACKET_BYTES: Final = 8 * MIB
"""Bytes of the largest packet that ``csoundd osc dump`` reads over TCP."""

WATCHED_FILES_SECONDS: Final = 0.2
"""Seconds between two looks at the files that are watched."""

WATCHED_NAME_CHARACTERS: Final = 255
"""Characters of a string in a piece that may be the name of a file to watch."""

PIECE_SECONDS: Final = 30.0
"""Seconds that a piece may take to compile."""

DOCTOR_SECONDS: Final = 10.0
"""Seconds that a daemon has to tell how it is."""

COMPLETION_SECONDS: Final = 1.0
"""Seconds that a daemon has to name its channels for a shell: whoever pressed the key waits."""

LAST_SOUND_SECONDS: Final = 0.5
"""Seconds in which the last of a performance may still come, after it was told that it is over."""


# Rendering.

RENDER_SECONDS: Final = Seconds(4 * 3600.0)
"""Sound after which a piece that has not ended is taken for one that never does, unless its length is told."""

RENDER_LONGEST_SECONDS: Final = Seconds(1e9)
"""The longest sound that may be asked for: 32 years, of which a number of frames can be made."""

RENDER_WARNINGS: Final = 100
"""Different warnings of one render that are kept."""

RENDER_LOG_LINES: Final = 400
"""Lines of Csound's that are kept of one render: the first half of them, and the last."""

RENDER_OUTPUT_BYTES: Final = 64 * 1024
"""The last of what a render, or a program that it began, wrote to standard output and error by itself."""

LOUDNESS_SAMPLES: Final = 1 << 28
"""The most samples of a sound file of which the loudness is measured: 46 minutes of stereo at 48 kHz, 1 GiB."""

LOUDNESS_CHANNELS: Final = 6
"""The most channels of which the loudness is measured: ITU-R BS.1770 weighs those of 5.1. Where those of eight
loudspeakers stand is not known; to leave some out, as is usual, gave -inf for an octophonic piece in its last two."""

LOUDNESS_SECONDS: Final = 0.4
"""The least of which the loudness is measured: EBU R 128 has blocks of that length."""

RENDER_CACHE_BYTES: Final = 4 * 1024 * MIB
"""Renders that are kept, unless it is told: those that were wanted last."""

RENDER_INPUT_SETS: Final = 32
"""Sets of inputs with which one piece is known in the cache, the latest of them."""

RENDER_DRY_SECONDS: Final = Seconds(30.0)
"""So long a piece may take to be looked through, without a sound, for what it reads."""

RENDER_PART_SECONDS: Final = Seconds(3600.0)
"""A file in the cache of renders that is not whole is nobody's any more after that time."""

RENDER_HASH_SECONDS: Final = Seconds(30 * 86400.0)
"""So long the hash of a file is kept: it is small, and to read the file again takes longer."""

FILE_TIME_SECONDS: Final = Seconds(0.02)
"""How far the time of a file may be behind the clock: it is that of the system's last tick."""

RENDER_PROGRESS_SECONDS: Final = Seconds(0.1)
"""Between two reports of how far a render is."""

RENDER_ATTEMPTS: Final = 3
"""Times that a job is begun whose process crashes, unless it is told."""

RENDER_MOST_ATTEMPTS: Final = 100
"""Times that a client may have it begun."""

RENDER_LOSSES: Final = 10
"""Deaths of daemons that a job may have been running at before it is taken to be what they died of."""

RENDER_PRIORITY: Final = 1000
"""The highest priority of a job, and below zero the lowest."""

RENDERS_LISTED: Final = 1000
"""Jobs that are listed at once."""

RENDER_NAME_CHARACTERS: Final = 100
"""Characters of the name of a job."""

RENDER_FILE_BYTES: Final = 100
"""Bytes of what the names of its sound files take from that of the job and from each stem's: most systems allow 255."""

RENDER_STEMS: Final = 100
"""Stems of one job, each a file beside its mix."""

RENDER_KEY_CHARACTERS: Final = 255
"""Characters of the key by which a client submits a job once."""

RENDER_WAIT_SECONDS: Final = 20.0
"""For which one call of the command waits for the end of a job."""

RENDER_FAREWELL_SECONDS: Final = 2.0
"""Which a daemon has to cancel the job of a command that is interrupted."""

RENDERS_AWAY: Final = 32
"""Jobs of one command that a daemon has at a time: it does them as it can."""

RENDER_NICENESS: Final = 10
"""How much a render of a daemon gives way to what plays."""

RENDER_SWEEP_SECONDS: Final = Seconds(60.0)
"""Between two looks for jobs that are too old."""

RENDER_COUNT_SECONDS: Final = Seconds(1.0)
"""Between two counts of jobs, for the metrics."""

RENDER_STORE_SECONDS: Final = Seconds(1.0)
"""Between two tries to write how a job ended, while the disk is full."""

RENDER_STORE_BATCH: Final = 256
"""Changes of jobs that wait for the disk together."""

RENDER_TOLD_LINES: Final = 20
"""The last lines of Csound's that the topic tells of a job that failed; the job has all that are kept."""

RENDER_IDLE_SECONDS: Final = Seconds(300.0)
"""After which the process that renders are forked from is ended, if there was no job for it."""

RENDER_INPUT_SECONDS: Final = Seconds(24 * 3600.0)
"""For which an input is kept that no job has asked for."""

RENDER_METERED_SECONDS: Final = Seconds(2.0)
"""After which a render has its levels measured while it goes on, in a process of their own."""

RENDER_METER_SECONDS: Final = Seconds(0.5)
"""Between two looks at how far the file of such a render has grown."""

PLAYED_PACKED: Final = 64
"""Sets of channels that are packed at once into the log of what was played."""

PLAYED_PART_BYTES: Final = 1 * MIB
"""Bytes of such a log that are asked for at once: sent between two cycles, they take a millisecond."""


# What a client can come to.

FRAME_BYTES: Final = 16 * MIB
"""Bytes of a message."""

FILE_BYTES: Final = 1024 * MIB
"""Bytes of a file that is put."""

SESSIONS: Final = 1000
"""Sessions at once."""

SESSION_SUBSCRIPTIONS: Final = 200
"""Subscriptions of one session."""

SESSION_REQUESTS: Final = 20_000
"""Requests a second of one session. A performer who sets 1,000 channels a second is far from it, as is a script that
waits for its answers: a round trip takes more than 50 us."""

REFUSALS_UNTIL_REST: Final = 20
"""Requests over the limit that are answered until the session is not listened to for a while."""

OVER_LIMIT_REST_SECONDS: Final = 0.05
"""Seconds for which it is not: what it has sent waits, and then it itself."""

COMPILING_SHARE: Final = 0.5
"""Seconds of compiling a second, of one session: while code is compiled, nothing is performed."""

COMPILING_BURST_SECONDS: Final = 20.0
"""Seconds of compiling that a session may have saved up: a long piece takes as many at once."""

TOKENLESS_SOURCE_SESSIONS: Final = 8
"""WebSockets of one IP address that may be open at once without a token where one is needed."""

TOKENLESS_FRAME_BYTES: Final = 64 * 1024
"""Bytes of a message before a token was shown where one is needed: it is there to show one."""

WORKSPACE_FILES: Final = 100_000
"""Files that the workspace may hold when another is put."""

WORKSPACE_BYTES: Final = 64 * 1024 * MIB
"""Bytes of all files of the workspace when another is put."""

WORKSPACE_LOOK_SECONDS: Final = 10.0
"""Seconds for which what the workspace holds is taken to be known, but for what is put and deleted."""

OSC_SOURCE_PACKETS: Final = 150_000
"""Packets a second of one IP address over OSC."""

OSC_REFUSAL_SECONDS: Final = 1.0
"""Seconds between two answers that tell an address that it sends too many packets."""

QUOTAS: Final = 4096
"""Callers over HTTP whose requests are counted at once; the longest silent are forgotten."""

RENDERS_WAITING: Final = 100_000
"""Jobs that wait to be rendered."""

RENDERS_KEPT: Final = 10_000
"""Jobs that have ended and are kept."""

RENDERS_BYTES: Final = 64 * 1024 * MIB
"""Bytes of the sound files of such jobs."""

RENDERS_AGE_SECONDS: Final = 30 * 86_400
"""Seconds for which they are kept."""

RENDER_TIMEOUT_SECONDS: Final = 3600
"""Seconds after which a job is given up, and the most that a client may ask for."""

PLAYED_BYTES: Final = 64 * MIB
"""Bytes of the log of what was played since the last reset: a set of a channel takes about 45, a note 70."""

SLOWEST_BODY_BYTES: Final = 256
"""Bytes a second in which the body of a request, or a message over WebSocket, has to come at least."""

SLOW_BODY_SECONDS: Final = 30.0
"""Seconds for which it may come more slowly than that."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that a client can come to: how much of what, and the setting that changes it, None where none does.

    ``value`` is None where it differs, by the engine or by what is asked for.
    """

    what: str
    value: float | None
    setting: str | None = None


def _chosen(name: str, what: str, value: float) -> Limit:
    """One that ``limits`` in the settings changes."""
    return Limit(what, value, f"limits.{name}")


LIMITS: Final[Mapping[str, Limit]] = {
    "requests": _chosen("requests", "requests a second of one session", SESSION_REQUESTS),
    "compiling": _chosen("compiling", "seconds of compiling a second, of one session", COMPILING_SHARE),
    "connections": _chosen("connections", "connections over HTTP and WebSocket", HTTP_CONNECTIONS),
    "source_connections": _chosen("source_connections", "those of one IP address", HTTP_SOURCE_CONNECTIONS),
    "osc_connections": _chosen("osc_connections", "connections of OSC over TCP", OSC_CONNECTIONS),
    "osc_source_connections": _chosen("osc_source_connections", "those of one IP address", OSC_SOURCE_CONNECTIONS),
    "oscquery_connections": _chosen("oscquery_connections", "connections of OSCQuery", OSCQUERY_CONNECTIONS),
    "oscquery_source_connections": _chosen(
        "oscquery_source_connections", "those of one IP address", OSCQUERY_SOURCE_CONNECTIONS
    ),
    "connecting": _chosen("connecting", "new connections a second of one IP address", SOURCE_CONNECTING),
    "http": _chosen("http", "share of the front's time for requests over HTTP of one IP address", HTTP_SHARE),
    "tokenless": _chosen("tokenless", "WebSockets that have yet to show the token they need", TOKENLESS_SESSIONS),
    "source_tokenless": _chosen("source_tokenless", "those of one IP address", TOKENLESS_SOURCE_SESSIONS),
    "tokenless_frame": _chosen("tokenless_frame", "bytes of a message of such a one", TOKENLESS_FRAME_BYTES),
    "sessions": Limit("sessions", SESSIONS, "max_sessions"),
    "subscriptions": Limit("subscriptions of one session", SESSION_SUBSCRIPTIONS, "max_subscriptions"),
    "frame": Limit("bytes of a message", FRAME_BYTES, "max_frame"),
    "sending": _chosen(
        "sending", "bytes a second in which a message, or the body of a request, comes at least", SLOWEST_BODY_BYTES
    ),
    "handles": _chosen("handles", "handles of one session", SESSION_HANDLES),
    "tables": _chosen("tables", "tables that events have made; code may make any number", TABLES),
    "file": Limit("bytes of a file that is put", FILE_BYTES, "max_file"),
    "files": _chosen("files", "files of the workspace, when another is put", WORKSPACE_FILES),
    "workspace": _chosen("workspace", "bytes of all of them", WORKSPACE_BYTES),
    "listeners": _chosen("listeners", "clients that listen to the sound over HTTP", LISTENERS),
    "tokens": Limit("tokens that are kept", TOKENS),
    "osc_packets": _chosen("osc_packets", "packets a second of one IP address over OSC", OSC_SOURCE_PACKETS),
    "renders_waiting": _chosen("renders_waiting", "jobs that wait to be rendered", RENDERS_WAITING),
    "renders": _chosen("renders", "jobs that have ended and are kept", RENDERS_KEPT),
    "render_bytes": _chosen("render_bytes", "bytes of their sound files", RENDERS_BYTES),
    "render_age": _chosen("render_age", "seconds for which they are kept", RENDERS_AGE_SECONDS),
    "render_seconds": _chosen("render_seconds", "seconds after which a job is given up", RENDER_TIMEOUT_SECONDS),
    "played_log": _chosen("played_log", "bytes of what was played since the last reset, for a bounce", PLAYED_BYTES),
    "batch": Limit("requests in one batch", BATCH_REQUESTS),
    "calls": Limit("calls that wait for the engine", WAITING_CALLS),
    "delay": Limit("seconds that a call may be put off", LONGEST_DELAY_SECONDS),
    "globs": Limit("globs of a token", GLOBS),
    "osc_packet": Limit("bytes of a packet of OSC over TCP", OSC_TCP_PACKET_BYTES),
    "osc_answer": Limit("bytes of an answer over OSC", None),
    "osc_messages": Limit("messages that a packet of OSC comes to", PACKET_MESSAGES),
    "osc_patterns": Limit("patterns in a packet of OSC", PACKET_PATTERNS),
    "osc_rejected": Limit("messages of a bundle that do not fit", REJECTED_MESSAGES),
    "osc_bundles": Limit("bundles that wait for their time", WAITING_BUNDLES),
    "osc_subscriptions": Limit("subscriptions over OSC", OSC_SUBSCRIPTIONS),
    "osc_notes": Limit("notes that are held over OSC", None),
    "options": Limit("bytes of an engine's options", OPTIONS_BYTES),
    "variable": Limit("bytes of a variable of Csound's", VARIABLE_BYTES),
    "path": Limit("bytes of a path", PATH_BYTES),
    "array": Limit("elements of an array channel", ARRAY_ELEMENTS),
    "buffer": Limit("bytes of a circular buffer, and of all", CIRCULAR_BUFFER_BYTES),
    "spin": Limit("seconds of audio that wait for spin", SPIN_QUEUE_SECONDS),
    "table": Limit("the number of a table, and its points", None),
    "advance": Limit("seconds of a score that are passed over", None),
    "code": Limit("lines of an orchestra, and what Csound has room for in one", None),
    "csound": Limit("what the engine has room for in one call", None),
    "cycle": Limit("samples of a cycle", None),
    "system": Limit("descriptors, memory and processes of the machine", None),
}
"""Every limit that answers with an error, closes a connection or has the oldest go, each as it is without settings."""


def named_limit(name: object) -> str:
    """``name`` where it is that of a limit, else ``other``: what comes from elsewhere makes up no labels."""
    return name if isinstance(name, str) and name in LIMITS else "other"
