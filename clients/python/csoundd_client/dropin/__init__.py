"""libcsound's classes, synchronous, over a daemon: a script runs remotely by changing its import."""
