"""The native library that a name means; libraries, carriers and plug-ins that are not what they should be."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest

from csoundd.engine.csound.library import NativeLibrary
from csoundd.engine.csound.native import carried as carrier
from csoundd.engine.csound.native.libraries import Refusal, chosen, forget, found
from csoundd.engine.csound.native.plugins import plugin_variables, user_folders
from csoundd.engine.csound.registry import placed
from csoundd.engine.options import HostOptions
from csoundd.engine.process.environment import environment
from csoundd.errors import EngineUnavailable, Forbidden, NotFound
from csoundd.messages import MessagePrinted
from tests.backends.engines import needs_native, needs_wasm
from tests.engine.listening import Heard, do, engine_in
from tests.live.daemon import FREE_PORTS, finished

pytestmark = needs_native

needs_carrier = pytest.mark.skipif(find_spec("cycsound") is None, reason="the package cycsound is not here")


@pytest.fixture(autouse=True)
def looked_at_anew() -> Iterator[None]:
    """What a test did to the environment is seen in it, and not after it."""
    forget()
    yield
    forget()


def refusal_of(name: str) -> EngineUnavailable:
    with pytest.raises(EngineUnavailable) as refused:
        chosen(name)
    return refused.value


def truncated(path: Path) -> None:
    whole = Path(chosen().path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def of_32_bits(path: Path) -> None:
    """The header of a shared library for a 32-bit Intel processor."""
    identity = b"\x7fELF\x01\x01\x01" + bytes(9)
    path.write_bytes(identity + struct.pack("<HHIIIIIHHHHHH", 3, 3, 1, 0, 52, 0, 0, 52, 32, 0, 40, 0, 0) + bytes(64))


def foreign(path: Path) -> None:
    """A library that loads, and is none of Csound's."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    shutil.copy(next(line.split()[-1] for line in lines if "/libc.so" in line or "/libc-" in line), path)


BAD: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "folder": Path.mkdir,
    "text": lambda path: path.write_text("this is no library\n"),
    "empty": Path.touch,
    "truncated": truncated,
    "32 bits": of_32_bits,
    "foreign": foreign,
}
SAID = {
    "missing": "does not exist",
    "folder": "is no file",
    "text": "cannot be loaded",
    "empty": "cannot be loaded",
    "truncated": "cannot be loaded",
    "32 bits": "cannot be loaded",
    "foreign": "it is no Csound library",
}


@pytest.fixture(params=BAD, ids=str)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """The path of a library that cannot be used, and what is said of it."""
    path = tmp_path / "libcsound64.so"
    BAD[request.param](path)
    return path, SAID[request.param]


def test_a_bad_library_in_the_environment_is_an_error_that_offers_another(
    bad: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, said = bad
    monkeypatch.setenv("LIBCSOUNDPATH", str(path))
    refused = refusal_of("native")
    assert f"LIBCSOUNDPATH names {path}" in refused.message
    assert said in refused.message
    assert "unset LIBCSOUNDPATH" in str(refused.hint)
    assert "--engine native:" in str(refused.hint)


def test_a_bad_library_that_is_named_is_an_error_that_offers_another(bad: tuple[Path, str]) -> None:
    path, said = bad
    refused = refusal_of(str(path))
    assert str(path) in refused.message
    assert said in refused.message
    assert "--engine native:" in str(refused.hint)


def test_auto_takes_nothing_else_in_the_place_of_what_the_environment_names(
    bad: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIBCSOUNDPATH", str(bad[0]))
    with pytest.raises(EngineUnavailable, match="LIBCSOUNDPATH"):
        placed(HostOptions(engine="auto"))


def test_a_bad_library_keeps_nobody_from_naming_a_good_one(
    bad: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = chosen()
    monkeypatch.setenv("LIBCSOUNDPATH", str(bad[0]))
    forget()
    assert chosen(good.name).path == good.path
    assert chosen(good.path).version == good.version


@pytest.mark.skipif(os.name != "posix", reason="a fault is a signal")
def test_a_library_that_crashes_whoever_loads_it_crashes_nothing_here(tmp_path: Path) -> None:
    # Its segments reach beyond its end, so that the loader itself is hit by a signal.
    path = tmp_path / "cut.so"
    whole = Path(chosen().path).read_bytes()
    path.write_bytes(whole[:8192])
    assert "cannot be loaded" in refusal_of(str(path)).message


def test_the_daemon_refuses_it_in_one_sentence_and_serves_with_another(tmp_path: Path) -> None:
    (tmp_path / "bad.so").write_text("no library\n")
    extra = {"LIBCSOUNDPATH": str(tmp_path / "bad.so")}
    ended = finished("serve", *FREE_PORTS, folder=tmp_path, extra=extra)
    assert (ended.returncode, ended.stdout) == (1, "")
    sentence, hint = (line for line in ended.stderr.splitlines() if line.strip())
    assert sentence.startswith(f"csoundd: LIBCSOUNDPATH names {tmp_path}/bad.so, which cannot be loaded")
    assert "--engine native:" in hint


def test_the_list_shows_it_and_what_works(tmp_path: Path) -> None:
    (tmp_path / "bad.so").write_text("no library\n")
    ended = finished("engine", "list", folder=tmp_path, extra={"LIBCSOUNDPATH": str(tmp_path / "bad.so")})
    assert ended.returncode == 0
    assert "bad.so, which cannot be loaded" in ended.stdout
    assert "native:" in ended.stdout


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library that nobody has asked yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path(shutil.copy(os.path.realpath(chosen().path), tmp_path / "libcsound64.so"))


def test_what_a_library_has_said_is_kept_for_other_processes(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = chosen(str(copied))
    forget()
    monkeypatch.setattr("csoundd.engine.csound.native.libraries.subprocess.run", None)
    assert chosen(str(copied)) == said


def test_a_library_that_is_another_one_now_is_asked_again(copied: Path) -> None:
    chosen(str(copied))
    forget()
    copied.write_bytes(b"no library")
    assert "cannot be loaded" in refusal_of(str(copied)).message


def test_where_nothing_can_be_kept_a_library_is_asked_each_time(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(copied))
    assert chosen(str(copied)) == chosen(str(copied))


def test_native_is_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIBCSOUNDPATH", raising=False)
    libraries = [each for each in found() if isinstance(each, NativeLibrary)]
    assert chosen("native") == max(libraries, key=lambda library: library.number)


def test_what_the_environment_names_comes_before_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    oldest = min((each for each in found() if isinstance(each, NativeLibrary)), key=lambda library: library.number)
    monkeypatch.setenv("LIBCSOUNDPATH", oldest.path)
    forget()
    assert os.path.realpath(chosen("native").path) == os.path.realpath(oldest.path)
    assert chosen("native").origin == "LIBCSOUNDPATH"


def test_a_version_that_is_not_here_is_an_error_that_says_what_is() -> None:
    refused = refusal_of("native:99")
    assert "Csound 99" in refused.message
    assert chosen().described() in str(refused.hint)


def loaded(pid: object, library: NativeLibrary) -> bool:
    """Whether a process has loaded a library, where the system tells."""
    maps = Path(f"/proc/{pid}/maps")
    return not maps.exists() or os.path.realpath(library.path) in maps.read_text()


async def test_the_host_loads_exactly_the_library_that_was_named(tmp_path: Path) -> None:
    for library in [each for each in found() if isinstance(each, NativeLibrary)]:
        async with engine_in(tmp_path, "step", engine=library.name) as engine:
            version = engine.hello.version
            assert f"{version // 1000}.{version // 10 % 100}.{version % 10}" == library.version
            assert loaded(engine.info().pid, library)


class Package:
    """A package as it may be installed: another version, or other files."""

    def __init__(self, folder: Path, version: str = carrier.PACKAGE_VERSION) -> None:
        self.version = version
        self._folder = folder

    def locate_file(self, path: str) -> Path:
        return self._folder / path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """A copy of the package, to be spoilt."""
    site = Path(str(distribution(carrier.PACKAGE).locate_file("")))
    for folder in ("cycsound.libs", "cycsound/plugins"):
        shutil.copytree(site / folder, tmp_path / "site" / folder)
    package = Package(tmp_path / "site")
    monkeypatch.setattr(carrier, "distribution", lambda _name: package)
    return package


def carried_refusal() -> Refusal:
    forget()
    return next(each for each in found() if isinstance(each, Refusal) and each.origin == "cycsound")


@needs_carrier
def test_the_package_as_it_is_expected_is_taken(installed: Package) -> None:
    forget()
    library = next(each for each in found() if each.origin == "cycsound")
    assert isinstance(library, NativeLibrary)
    assert library.version == "7.0.0"
    assert library.plugin_folders == (str(installed.locate_file(carrier.PLUGINS)),)


@needs_carrier
def test_another_version_of_the_package_is_refused_with_what_to_do(installed: Package) -> None:
    installed.version = "0.3.0"
    refused = carried_refusal()
    assert refused.reason == "cycsound 0.3.0 is installed, and csoundd knows what 0.2.3 holds"
    assert refused.hint == "run pip install --force-reinstall 'cycsound==0.2.3'"


@needs_carrier
def test_another_library_in_the_package_is_refused(installed: Package) -> None:
    library = installed.locate_file(carrier.EXPECTED[carrier.this_platform()].library)
    with library.open("ab") as file:
        file.write(b"\0")
    assert "is not the library that cycsound 0.2.3 holds" in carried_refusal().reason


@needs_carrier
def test_a_package_without_its_library_is_refused(installed: Package) -> None:
    installed.locate_file(carrier.EXPECTED[carrier.this_platform()].library).unlink()
    assert "holds no" in carried_refusal().reason


@needs_carrier
@pytest.mark.parametrize("spoil", ["missing", "changed", "added", "no folder"])
def test_other_plugins_in_the_package_are_refused(installed: Package, spoil: str) -> None:
    folder = installed.locate_file(carrier.PLUGINS)
    first = min(folder.iterdir())
    if spoil == "missing":
        first.unlink()
    elif spoil == "changed":
        first.write_bytes(b"another")
    elif spoil == "added":
        shutil.copy(first, folder / "libadded.so")
    else:
        shutil.rmtree(folder)
    assert "plug-ins" in carried_refusal().reason


@needs_carrier
def test_another_engine_is_taken_in_the_place_of_a_refused_package(installed: Package) -> None:
    installed.version = "0.3.0"
    forget()
    others = [each for each in found() if isinstance(each, NativeLibrary)]
    assert all(each.origin != "cycsound" for each in others)
    if others:
        assert chosen() == others[0]
    else:
        assert "cycsound 0.3.0 is installed" in refusal_of("native").message


@needs_wasm
def test_where_no_library_can_be_used_auto_is_the_embedded_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIBCSOUNDPATH", raising=False)
    monkeypatch.setattr("csoundd.engine.csound.native.libraries.system_paths", list)
    monkeypatch.setattr(carrier, "EXPECTED", {})
    forget()
    assert placed(HostOptions(engine="auto")).library is None


def test_a_platform_without_a_wheel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "EXPECTED", {})
    assert "carries no Csound for" in carried_refusal().reason


CARRIED = NativeLibrary("native:7", "/lib/x", "7.0.0", ("/package/plugins",), "cycsound")
SYSTEM_6 = NativeLibrary("native:6", "/lib/y", "6.18.1", ("/usr/lib/csound/plugins64-6.0",), "system")


def test_the_carried_plugins_come_first_and_the_users_after_them() -> None:
    given = {"OPCODE7DIR64": "/mine;/theirs"}
    assert plugin_variables(CARRIED, given, "") == {
        "OPCODE7DIR64": os.pathsep.join(["/package/plugins", "/mine", "/theirs"])
    }


def test_a_folder_of_the_constructors_is_searched_beside_the_others(tmp_path: Path) -> None:
    given = {"CS_USER_PLUGINDIR": "/user"}
    for library in (CARRIED, SYSTEM_6):
        assert plugin_variables(library, given, str(tmp_path))["CS_USER_PLUGINDIR"] == f"/user{os.pathsep}{tmp_path}"


def test_the_users_folder_of_csound_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert user_folders(CARRIED, {}) == []
    (tmp_path / ".local/lib/csound/7.0/plugins64").mkdir(parents=True)
    assert user_folders(CARRIED, {}) == [str(tmp_path / ".local/lib/csound/7.0/plugins64")]


def test_a_library_of_the_systems_is_left_its_own_default() -> None:
    assert "OPCODE6DIR64" not in plugin_variables(SYSTEM_6, {}, "")


def test_no_plugin_folder_of_a_library_reaches_the_embedded_engine() -> None:
    assert "LIBCSOUNDPATH" not in environment(HostOptions(engine="wasm")) or os.environ.get("LIBCSOUNDPATH")


MIXER = "instr 1\n MixerClear\nendin\n"


@needs_carrier
async def test_the_carried_plugins_are_there(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step", engine="native:7") as engine:
        assert await do(engine, "csound.compileOrc", MIXER, True) == 0


async def test_a_plugin_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step", engine="native") as engine:
        with pytest.raises(NotFound, match="there is no folder 'nowhere'"):
            await engine.restart([], "nowhere")
        with pytest.raises(Forbidden):
            await engine.restart([], "/")
        assert await do(engine, "csound.sizeOfMYFLT") == 8


@needs_carrier
async def test_a_folder_that_the_environment_names_and_is_not_there_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPCODE7DIR64", str(tmp_path / "nowhere"))
    async with engine_in(tmp_path, "step", engine="native:7") as engine:
        heard = Heard(engine)
        assert await do(engine, "csound.compileOrc", MIXER, True) == 0
        await heard.until(lambda: any("nowhere" in event.text for event in heard.of(MessagePrinted)))


@needs_carrier
@pytest.mark.parametrize("content", ["Csound 6", "text"])
async def test_a_plugin_that_does_not_fit_is_told_and_the_others_serve(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    if content == "text":
        (folder / "libmixer.so").write_text("no plug-in\n")
    else:
        older = [each for each in found() if isinstance(each, NativeLibrary) and each.major == 6]
        plugins = [Path(place, "libmixer.so") for each in older for place in each.plugin_folders]
        plugin = next((path for path in plugins if path.exists()), None)
        if plugin is None:
            pytest.skip("there is no plug-in of Csound 6 here")
        shutil.copy(plugin, folder)
    async with engine_in(tmp_path, "step", engine="native:7") as engine:
        heard = Heard(engine)
        await engine.restart([], "plugins")
        assert await do(engine, "csound.compileOrc", MIXER, True) == 0
        await heard.until(lambda: any("libmixer.so" in event.text for event in heard.of(MessagePrinted)))
