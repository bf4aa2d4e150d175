"""The one Csound that the daemon owns.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Handle, Json, Timing


class Instance(Namespace):
    """The one Csound that the daemon owns."""

    def version(self, **timing: Unpack[Timing]) -> Call[int]:
        """Csound's version as one number: 6181 is 6.18.1."""
        return self._request("csound.version", [], timing)

    def APIVersion(self, **timing: Unpack[Timing]) -> Call[int]:
        """The version of Csound's API; since Csound 7 has none, the same as ``version`` there."""
        return self._request("csound.APIVersion", [], timing)

    def sizeOfMYFLT(self, **timing: Unpack[Timing]) -> Call[int]:
        """Bytes in one of Csound's numbers: 8, as both engines compute in double precision."""
        return self._request("csound.sizeOfMYFLT", [], timing)

    def csound(self, **timing: Unpack[Timing]) -> Call[Handle]:
        """A handle that stands for the engine in place of its address; it turns stale when the engine begins anew."""
        return self._request("csound.csound", [], timing)

    def hostData(self, **timing: Unpack[Timing]) -> Call[Json]:
        """The data that setHostData left here, null before that. Every client sees the same value."""
        return self._request("csound.hostData", [], timing)

    def setHostData(self, data: Json, **timing: Unpack[Timing]) -> Call[None]:
        """Leave any value for hostData to find. The daemon keeps it, also through a crash of the engine."""
        return self._request("csound.setHostData", [data], timing)

    def debug(self, **timing: Unpack[Timing]) -> Call[bool]:
        """Whether Csound prints what only its own developers want to know."""
        return self._request("csound.debug", [], timing)

    def setDebug(self, debug: bool, **timing: Unpack[Timing]) -> Call[None]:
        """Switch Csound's debug messages on or off."""
        return self._request("csound.setDebug", [debug], timing)

    def env(self, name: str, **timing: Unpack[Timing]) -> Call[str | None]:
        """An environment variable as Csound sees it, null where it is not set.

        Raises Forbidden for variables that are none of Csound's.
        """
        return self._request("csound.env", [name], timing)

    def setGlobalEnv(self, name: str, value: str | None, **timing: Unpack[Timing]) -> Call[int]:
        """Set one of Csound's environment variables, or with null remove it.

        It holds for engines made from now on, so an ``engine.restart`` brings it into effect; the daemon keeps it.
        Several folders have semicolons between them. Returns 0 when it was taken. Raises Forbidden for variables
        that are none of Csound's and for folders outside the workspace.
        """
        return self._request("csound.setGlobalEnv", [name, value], timing)

    def loadPlugins(self, directory: str, **timing: Unpack[Timing]) -> Call[int]:
        """Load every plug-in of a folder in the workspace, before anything is compiled. Returns 0 when it worked."""
        return self._request("csound.loadPlugins", [directory], timing)

    def UDPServerStart(self, port: int, **timing: Unpack[Timing]) -> Call[int]:
        """Raises Unsupported on every engine: Csound's UDP port runs whatever code anybody on the network sends it.

        Code comes over csoundd's own connections, with scopes. In the API it returns 0 when the server started.
        """
        return self._request("csound.UDPServerStart", [port], timing)

    def runUtility(self, name: str, args: Sequence[str], **timing: Unpack[Timing]) -> Call[int]:
        """Run one of Csound's utilities (sndinfo, pvanal, lpanal, ...) in a process of its own.

        ``args`` begin with the utility's name, as a C program's do. Answers when it has ended: 0 for success.
        Its output is on the stream ``messages``. Raises Forbidden for paths outside the workspace.
        """
        return self._request("csound.runUtility", [name, args], timing)

    def cleanup(self, **timing: Unpack[Timing]) -> Call[None]:
        """Do nothing: the engine tidies up by itself when the performance ends."""
        return self._request("csound.cleanup", [], timing)
