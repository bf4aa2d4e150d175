"""Calls in which the front has a part before the host runs them, after it, or in place of it."""
