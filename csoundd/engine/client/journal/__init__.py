"""The journal: the state that an engine was brought to, kept for the one that replaces it."""
