"""Rendering: pieces become sound files, each in a process of its own, without a daemon or through one.

The system's libsndfile is loaded before that of the package soundfile, which has the same SONAME: a Csound of the
system that is loaded later would be linked to the package's, which decodes Ogg Vorbis otherwise in the last bit
(Debian's 6.18 and soundfile 0.13: a piece that reads such a sample was not what the ``csound`` command writes).
"""

import ctypes
import sys
from contextlib import suppress

if sys.platform == "linux":
    with suppress(OSError):
        ctypes.CDLL("libsndfile.so.1")
