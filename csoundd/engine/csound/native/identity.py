"""What is asked of a Csound object that only a library has: plug-ins, and utilities."""

from __future__ import annotations

import os

from csoundd.engine.csound.instance_methods import InstanceMethods
from csoundd.engine.csound.native.devices import alone


class NativeInstanceMethods(InstanceMethods):
    """What is asked of the Csound object itself."""

    def runUtility(self, name: str, args: list[str]) -> int:
        raise alone("csound.runUtility")

    def loadPlugins(self, directory: str) -> int:
        folder = self._workspace.resolve(directory)
        return int(self._c.csoundLoadPlugins(os.fsencode(folder)))
