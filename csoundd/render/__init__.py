"""Rendering: pieces become sound files, each in a process of its own, without a daemon or through one."""
