"""The child process that performs: started, watched, replaced."""
