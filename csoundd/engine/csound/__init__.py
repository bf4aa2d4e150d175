"""What can stand behind the host: each backend implements the declared API on one kind of Csound."""
