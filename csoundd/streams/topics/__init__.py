"""The topics. Each is declared in one class: options, data, reading, merging and dropping."""

from __future__ import annotations

from typing import Final

from csoundd.streams.topics.audio import AudioChannelTopic, MetersTopic, SpectrumTopic, SpoutTopic
from csoundd.streams.topics.channels import ArrayTopic, ChannelsTopic, PvsTopic, TransportTopic
from csoundd.streams.topics.events import (
    EngineTopic,
    FilesTopic,
    GraphsTopic,
    InvalueTopic,
    KeyboardTopic,
    MessagesTopic,
    MidiTopic,
    OutvalueTopic,
)
from csoundd.streams.topics.renders import RenderTopic
from csoundd.streams.topics.topic import Topic

_ALL: Final[tuple[type[Topic], ...]] = (
    MessagesTopic,
    ChannelsTopic,
    AudioChannelTopic,
    SpoutTopic,
    MetersTopic,
    TransportTopic,
    EngineTopic,
    SpectrumTopic,
    PvsTopic,
    ArrayTopic,
    OutvalueTopic,
    InvalueTopic,
    KeyboardTopic,
    MidiTopic,
    GraphsTopic,
    FilesTopic,
    RenderTopic,
)

TOPICS: Final[dict[str, type[Topic]]] = {topic.name: topic for topic in _ALL}
"""The topics that are served, by name: ``stream.subscribe``, ``asyncapi.json`` and the reference are made from here."""
