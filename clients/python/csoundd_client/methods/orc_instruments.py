"""What can be played.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import InstrumentInfo

_LIST_INSTRUMENT_INFO: Final = reader(list[InstrumentInfo])


class OrcInstruments(Namespace):
    """What can be played."""

    def instruments(self) -> Call[list[InstrumentInfo]]:
        """Every instrument that was compiled, the numbered ones first: those of the piece and what came to it since.

        One that has a name and a number of its own stands there twice. Csound 6 gives names their numbers when it
        starts; until then they are null. An instrument that the orchestra compiles by itself, by ``compilestr`` and
        its like, is not known here.
        """
        return self._request("orc.instruments", [], UNTIMED, _LIST_INSTRUMENT_INFO)
