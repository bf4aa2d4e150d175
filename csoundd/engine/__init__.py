"""The engine. Commands go in, outcomes and events come out; Csound itself runs in a child process."""
