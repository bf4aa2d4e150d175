"""The one Csound that the daemon owns.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence

from csoundd_client.dropin.blocking import Blocking


class Instance(Blocking):
    """The one Csound that the daemon owns."""

    def version(self) -> int:
        """Csound's version as one number: 6181 is 6.18.1."""
        return self._ask("csound.version", [])

    def APIVersion(self) -> int:
        """The version of Csound's API; since Csound 7 has none, the same as ``version`` there."""
        return self._ask("csound.APIVersion", [])

    def sizeOfMYFLT(self) -> int:
        """Bytes in one of Csound's numbers: 8, as both engines compute in double precision."""
        return self._ask("csound.sizeOfMYFLT", [])

    def debug(self) -> bool:
        """Whether Csound prints what only its own developers want to know."""
        return self._ask("csound.debug", [])

    def setDebug(self, debug: bool) -> None:
        """Switch Csound's debug messages on or off."""
        self._do("csound.setDebug", [debug])

    def env(self, name: str) -> str | None:
        """An environment variable as Csound sees it, null where it is not set.

        Raises Forbidden for variables that are none of Csound's.
        """
        return self._ask("csound.env", [name])

    def setGlobalEnv(self, name: str, value: str | None) -> int:
        """Set one of Csound's environment variables, or with null remove it.

        It holds for engines made from now on, so an ``engine.restart`` brings it into effect; the daemon keeps it.
        Several folders have semicolons between them. Returns 0 when it was taken. Raises Forbidden for variables
        that are none of Csound's and for folders outside the workspace.
        """
        return self._do("csound.setGlobalEnv", [name, value])

    def loadPlugins(self, directory: str) -> int:
        """Load every plug-in of a folder in the workspace, before anything is compiled. Returns 0 when it worked."""
        return self._do("csound.loadPlugins", [directory])

    def UDPServerStart(self, port: int) -> int:
        """Raises Unsupported on every engine: Csound's UDP port runs whatever code anybody on the network sends it.

        Code comes over csoundd's own connections, with scopes. In the API it returns 0 when the server started.
        """
        return self._do("csound.UDPServerStart", [port])

    def runUtility(self, name: str, args: Sequence[str]) -> int:
        """Run one of Csound's utilities (sndinfo, pvanal, lpanal, ...) in a process of its own.

        ``args`` begin with the utility's name, as a C program's do. Answers when it has ended: 0 for success.
        Its output is on the stream ``messages``. Raises Forbidden for paths outside the workspace.
        """
        return self._wait("csound.runUtility", [name, args])

    def cleanup(self) -> None:
        """Do nothing: the engine tidies up by itself when the performance ends."""
        self._do("csound.cleanup", [])
