"""Streams: the engine's output as numbered frames, to each subscriber as fast as it can take them."""
