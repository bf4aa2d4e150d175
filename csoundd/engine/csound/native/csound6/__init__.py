"""All that is special to Csound 6.18: it goes with this folder and the lines that name it."""
