"""Files that Csound opens, told by their names in the workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from csoundd.engine.csound.surroundings import Surroundings

TYPES: Final = tuple(
    """
    unknown csd orchestra score orc_include sco_include score_out scot options extract_parms raw_audio ircam aiff aifc
    wave au sd2 w64 wavex flac caf wve ogg mpc2k rf64 avr htk mat4 mat5 nist paf pvf sds svx voc xi mpeg unknown_audio
    soundfont midi midi_sysex hetro hetrot pvc pvcex cvanal lpc ats loris sdif hrtf unused ladspa_plugin snapshot
    ftables_text ftables_binary xscanu_matrix floats_text floats_binary integer_text integer_binary png postscript
    script_text other_text other_binary
    """.split()  # noqa: SIM905 - sixty names read better so
)
"""Csound's kinds of file, by their numbers."""

UNKNOWN: Final = TYPES[0]


def type_name(number: int) -> str:
    """The name of a kind of file that Csound gives by its number."""
    return TYPES[number] if 0 <= number < len(TYPES) else UNKNOWN


def tell_opened(surroundings: Surroundings, path: str, kind: str, *, write: bool, temp: bool) -> None:
    """Tell who listens to ``files`` of one; of a file outside the workspace only its last name is told."""
    if "files" not in surroundings.heard or path == os.devnull:
        # The empty file is what Csound 6.18 is given in place of files of options that nobody named.
        return
    name = surroundings.workspace.name(path)
    data = {"path": Path(path).name if name is None else name, "type": kind, "write": write, "temp": temp}
    surroundings.tell("files", data | {"outside": name is None})
