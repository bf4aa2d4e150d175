"""The engine host: a child process whose only loop is the performance thread."""
