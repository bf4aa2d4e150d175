"""``python -m csoundd``: the command line."""

from csoundd.cli import main

main()
