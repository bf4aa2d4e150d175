"""The backend ``native``: the system's own Csound, 6.18 or 7, through libcsound."""
