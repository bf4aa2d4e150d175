"""Csound: each backend implements the declared API on one kind of it."""
