"""Throw-away engines beside the live one, in which code is tried."""
