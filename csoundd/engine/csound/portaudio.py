"""PortAudio, which plays the embedded engine: the binding is an extra, the library the system's."""

from __future__ import annotations

from typing import Any, Final

from csoundd.api.values import AudioDevice
from csoundd.errors import EngineUnavailable

CLOCK: Final = "engine.restart with the drive clock, or csoundd serve --drive clock, plays without one"
EXTRA: Final = "pip install 'csoundd[audio]'"
LIBRARY: Final = "install PortAudio (on Debian: apt-get install libportaudio2)"


def portaudio() -> Any:
    """The module ``sounddevice``. Raises EngineUnavailable without the extra, without the library."""
    try:
        import sounddevice  # noqa: PLC0415 - an extra
    except ImportError:
        raise EngineUnavailable(
            "the embedded engine plays on a sound card with csoundd[audio] only", hint=EXTRA
        ) from None
    except OSError:
        raise EngineUnavailable("sounddevice finds no PortAudio library", hint=LIBRARY) from None
    return sounddevice


def check_sound_card() -> None:
    """Raise EngineUnavailable where there is nothing to play on."""
    library = portaudio()
    try:
        library.query_devices(kind="output")
    except (library.PortAudioError, ValueError) as error:
        raise EngineUnavailable(f"there is no sound card to play on: {error}", hint=CLOCK) from error


def sound_cards(*, is_output: bool) -> list[AudioDevice]:
    """The cards that can play, or record, with the names under which options choose them."""
    word, channels = ("dac", "max_output_channels") if is_output else ("adc", "max_input_channels")
    return [
        AudioDevice(card["name"], f"{word}{number}", "pa", card[channels], is_output)
        for number, card in enumerate(portaudio().query_devices())
        if card[channels] > 0
    ]
