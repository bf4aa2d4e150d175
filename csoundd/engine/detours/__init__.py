"""Calls that the front has a part in before the host runs them, or instead."""
