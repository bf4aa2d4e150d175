"""The Csound instance itself: what it is, what the host keeps with it, its environment and plug-ins."""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import CInt, Handle, Json


class Instance(MethodGroup):
    """The one Csound that the daemon owns."""

    @method(scope="read", examples=(Example({}, 6181, exact=False),))
    def version(self) -> int:
        """Csound's version as one number: 6181 is 6.18.1."""
        ...

    @method(scope="read", examples=(Example({}, 400, exact=False),))
    def APIVersion(self) -> int:
        """The version of Csound's API; since Csound 7 has none, the same as ``version`` there."""
        ...

    @method(scope="read", examples=(Example({}, 8),))
    def sizeOfMYFLT(self) -> int:
        """Bytes in one of Csound's numbers: 8, as both engines compute in double precision."""
        ...

    @method(scope="read", examples=(Example({}, {"$handle": "csound:1"}, exact=False),))
    def csound(self) -> Handle:
        """A handle that stands for the engine in place of its address; it turns stale when the engine begins anew."""
        ...

    @method(
        scope="read",
        examples=(Example({}, {"piece": "Nocturne"}, after=(Call("csound.setHostData", ({"piece": "Nocturne"},)),)),),
    )
    def hostData(self) -> Json:
        """What setHostData left here, null before that. Every client sees the same value."""
        ...

    @method(journal="value", examples=(Example({"data": {"piece": "Nocturne"}}, None),))
    def setHostData(self, data: Json) -> None:
        """Leave any value for hostData to find. The daemon keeps it, also through a crash of the engine."""
        ...

    @method(scope="read", examples=(Example({}, result=False, after=(Call("csound.setDebug", (False,)),)),))
    def debug(self) -> bool:
        """Whether Csound prints what only its own developers want to know."""
        ...

    @method(journal="option", examples=(Example({"debug": True}, None),))
    def setDebug(self, debug: bool) -> None:
        """Switch Csound's debug messages on or off."""
        ...

    @method(scope="read", examples=(Example({"name": "SSDIR"}, None, exact=False),))
    def env(self, name: str) -> str | None:
        """An environment variable as Csound sees it, null where it is not set.

        Raises Forbidden for variables that are none of Csound's.
        """
        ...

    @method(
        scope="admin",
        examples=(Example({"name": "SSDIR", "value": "samples"}, 0, exact=False),),
    )
    def setGlobalEnv(self, name: str, value: str | None) -> int:
        """Set one of Csound's environment variables, or with null remove it.

        It holds for engines made from now on, so an ``engine.restart`` brings it into effect; the daemon keeps it.
        Several folders have semicolons between them. Returns 0 when it was taken. Raises Forbidden for variables
        that are none of Csound's and for folders outside the workspace.
        """
        ...

    @method(
        scope="admin",
        journal="option",
        examples=(Example({"directory": "plugins"}, 0, exact=False, fresh=True),),
    )
    def loadPlugins(self, directory: str) -> int:
        """Load every plug-in of a folder in the workspace, before anything is compiled. Returns 0 when it worked."""
        ...

    @method(scope="admin", examples=(Example({"port": 12894}, 0, exact=False, fresh=True),))
    def UDPServerStart(self, port: CInt) -> int:
        """Raises Unsupported on every engine: Csound's UDP port runs whatever code anybody on the network sends it.

        Code comes over csoundd's own connections, with scopes. In the API it returns 0 when the server started.
        """
        ...

    @method(
        scope="compile",
        deadline=None,
        examples=(Example({"name": "sndinfo", "args": ["sndinfo", "take.wav"]}, 0, exact=False),),
    )
    def runUtility(self, name: str, args: list[str]) -> int:
        """Run one of Csound's utilities (sndinfo, pvanal, lpanal, ...) in a process of its own.

        ``args`` begin with the utility's name, as a C program's do. Answers when it has ended: 0 for success.
        Its output is on the stream ``messages``. Raises Forbidden for paths outside the workspace.
        """
        ...

    @method(examples=(Example({}, None),))
    def cleanup(self) -> None:
        """Do nothing: the engine tidies up by itself when the performance ends."""
        ...
