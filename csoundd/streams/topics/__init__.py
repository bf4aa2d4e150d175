"""Stage 5: what each topic makes of the engine's events."""

from __future__ import annotations

from typing import Final

from csoundd.streams.stream import Stream
from csoundd.streams.topics.audio_channel import AudioChannelStream
from csoundd.streams.topics.channels import ChannelsStream
from csoundd.streams.topics.engine import EngineStream
from csoundd.streams.topics.fed import FedStream, GraphsStream, InvalueStream
from csoundd.streams.topics.meters import MetersStream
from csoundd.streams.topics.named import NamedChannelStream
from csoundd.streams.topics.spectrum import SpectrumStream
from csoundd.streams.topics.spout import SpoutStream
from csoundd.streams.topics.transport import TransportStream

ON_DEMAND: Final[dict[str, type[Stream]]] = {
    "channels": ChannelsStream,
    "audio-channel": AudioChannelStream,
    "spout": SpoutStream,
    "meters": MetersStream,
    "transport": TransportStream,
    "engine": EngineStream,
    "spectrum": SpectrumStream,
    "pvs": NamedChannelStream,
    "array": NamedChannelStream,
    "outvalue": FedStream,
    "invalue": InvalueStream,
    "keyboard": FedStream,
    "midi": FedStream,
    "graphs": GraphsStream,
    "files": FedStream,
}
"""The topics whose streams exist while somebody subscribes."""
