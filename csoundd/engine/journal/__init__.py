"""What an engine has been told, kept for the one that replaces it."""
