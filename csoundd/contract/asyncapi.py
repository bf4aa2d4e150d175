"""``asyncapi.json``: the topics, with the options of a subscription and the data of its frames."""

from __future__ import annotations

from typing import Final

from csoundd.contract.prose import markdown
from csoundd.contract.schemas import Schema, Schemas
from csoundd.streams.topics import TOPICS
from csoundd.streams.topics.topic import Topic
from csoundd.values import PROTOCOL

_ABOUT: Final = (
    "Streams arrive as notifications on the WebSocket that subscribed to them with stream.subscribe. "
    "The options of a topic are further members of that call's params."
)


def asyncapi() -> dict[str, object]:
    """The document, made anew."""
    schemas = Schemas()
    messages = {topic.name: _message(topic, schemas) for topic in TOPICS.values()}
    channels = {topic.name: _channel(topic, schemas) for topic in TOPICS.values()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "csoundd streams", "version": f"{PROTOCOL}.0.0", "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "127.0.0.1:7700", "protocol": "ws", "pathname": "/ws"}},
        "channels": channels,
        "operations": {name: _operation(name) for name in TOPICS},
        "components": {"messages": messages, "schemas": schemas.components},
    }


def _channel(topic: type[Topic], schemas: Schemas) -> dict[str, object]:
    return {
        "address": "/ws",
        "title": topic.name,
        "description": markdown(topic.about),
        "messages": {"frame": {"$ref": f"#/components/messages/{topic.name}"}},
        "x-options": schemas.of(topic.options),
    }


def _operation(name: str) -> dict[str, object]:
    channel = f"#/channels/{name}"
    return {"action": "send", "channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/frame"}]}


def _message(topic: type[Topic], schemas: Schemas) -> dict[str, object]:
    params: Schema = {
        "type": "object",
        "properties": {
            "stream": {"type": "string", "pattern": f"^{topic.name}/[0-9]+$"},
            "seq": {"type": "integer", "description": "Rises by 1 a frame; a gap is what a slow client lost."},
            "sample": {"type": "integer", "description": "The first sample that the frame is about."},
            "data": schemas.of(topic.data),
        },
        "required": ["stream", "seq", "sample", "data"],
    }
    return {
        "name": "stream.data",
        "title": f"a frame of {topic.name}",
        "payload": {
            "type": "object",
            "properties": {"jsonrpc": {"const": "2.0"}, "method": {"const": "stream.data"}, "params": params},
            "required": ["jsonrpc", "method", "params"],
        },
    }
