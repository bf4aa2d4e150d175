"""The backend ``native``: a Csound library of this machine, 6.18 or 7, called by its C API."""
