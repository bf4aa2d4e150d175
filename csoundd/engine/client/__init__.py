"""The engine as the front has it: calls, events, the journal, and what may answer in place of the host."""
