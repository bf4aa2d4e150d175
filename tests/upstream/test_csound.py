"""Faults of Csound itself, shown on the bare library: each test is named by its entry in ``docs/upstream-faults.md``.

Where one of these fails the fault is mended, and the entry says what may go.
"""

from __future__ import annotations

import signal

import pytest

from tests.upstream.bare import Ended, Library, carried_library, needed, run, system_library


@pytest.fixture(scope="module")
def csound_6() -> Library:
    """Csound 6.18."""
    return needed(system_library(), 6180)


@pytest.fixture(scope="module")
def csound_7() -> Library:
    """Csound 7.0.0."""
    return needed(carried_library(), 7000)


EXIT_FAILURE = 255

OPTION = "print(option(cs, sys.argv[2].encode()))"


@pytest.mark.parametrize("word", ["--nonsense", "--version"])
def test_csound_6_crashes_on_a_long_option_that_it_does_not_know(csound_6: Library, word: str) -> None:
    assert run(csound_6, OPTION, word).crashed


def test_csound_7_takes_a_long_option_that_it_does_not_know_for_granted(csound_7: Library) -> None:
    assert run(csound_7, OPTION, "--nonsense").said[-1] == "0"


SOON = """
ahead = int(sys.argv[2])
compile(f"gicount init 0\\ninstr 1\\ngicount += 1\\nif gicount < 50 then\\nschedule(1, {ahead}/48000, 0.001)\\n"
        "endif\\nendin\\nschedule(1, 0, 0.001)")
start(cs)
perform(cs)
print(function("csoundEvalCode", D, V, S)(cs, b"return gicount\\n"))
"""


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_a_note_half_a_cycle_ahead_begins_in_the_same_cycle(which: str, request: pytest.FixtureRequest) -> None:
    library = request.getfixturevalue(which)
    assert [run(library, SOON, ahead).said[-1] for ahead in ("32", "33")] == ["50.0", "1.0"]


RESETS = """
for number in range(500):
    compile("instr 1\\nendin")
    start(cs)
    reset(cs)
    option(cs, b"-n")
"""
JACK = """
compile("")
print(any("libjack.so" in line for line in open("/proc/self/maps")))
"""


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_hundreds_of_resets_end_in_a_crash_where_jack_is_installed(which: str, request: pytest.FixtureRequest) -> None:
    library = request.getfixturevalue(which)
    if run(library, JACK).said[-1] != "True":
        pytest.skip("needs the library of JACK, of Debian's libjack-jackd2-0, and Csound's module for it")
    assert run(library, RESETS).crashed


LISTING = """
compile('chn_k "a", 3\\nchn_k "b", 3')
start(cs)
listed = function("csoundListChannels", I, V, ctypes.POINTER(V))
delete = function("csoundDeleteChannelList", None, V, V)
kibibytes = []
for _ in range(2):
    for _ in range(100_000):
        channels = V()
        listed(cs, ctypes.byref(channels))
        delete(cs, channels)
    kibibytes.append(int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024)
print(kibibytes[1] - kibibytes[0])
"""


def test_csound_6_leaks_when_it_lists_the_channels(csound_6: Library) -> None:
    assert int(run(csound_6, LISTING).said[-1]) > 100_000 * 2 * 40 // 1024


def test_csound_7_lists_the_channels_without_a_leak(csound_7: Library) -> None:
    assert int(run(csound_7, LISTING).said[-1]) < 500


def test_csound_6_writes_past_the_name_of_its_input(csound_6: Library) -> None:
    program = """
    name = function("csoundSetInput", None, V, S)
    for _ in range(20):
        name(cs, b"x" * 5000)
    compile("")
    start(cs)
    """
    assert run(csound_6, program).crashed


SENSEKEY = """
option(cs, b"-m3")
compile('instr 1\\nk1 sensekey\\nif k1 > 0 then\\nprintks "key %d\\\\n", 0, k1\\nendif\\nendin\\nschedule(1, 0, -1)')
start(cs)
for _ in range(10):
    perform(cs)
"""


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_sensekey_reads_the_input_of_the_process(which: str, request: pytest.FixtureRequest) -> None:
    library: Library = request.getfixturevalue(which)
    program = SENSEKEY.replace("option(cs", "os.dup2(1, 2)\noption(cs", 1)
    assert any("key 113" in line for line in run(library, program, typed="qqqq").said)


ONSET = """
option(cs, b"--sample-accurate")
compile("instr 1\\nout a(0.5), a(0.5)\\nendin")
start(cs)
for _ in range(10):
    perform(cs)
send("i 1 %.9f %s" % (33.5 / 48000, sys.argv[2]))
spout = function("csoundGetSpout", ctypes.POINTER(D), V)
samples = []
for _ in range(4):
    perform(cs)
    samples += [spout(cs)[2 * frame] for frame in range(64)]
print(next(index for index, sample in enumerate(samples) if sample))
"""


def onset(library: Library, seconds: str) -> Ended:
    """Where a note begins that was sent for sample 33 of the next cycle, of 64 samples."""
    return run(library, ONSET, seconds)


def test_csound_6_begins_notes_of_the_second_half_of_a_cycle_a_cycle_late(csound_6: Library) -> None:
    assert onset(csound_6, "0.01").said[-1] == str(33 + 64)


def test_csound_6_crashes_on_a_note_shorter_than_a_cycle_that_begins_in_its_second_half(csound_6: Library) -> None:
    assert onset(csound_6, "0.001").crashed


@pytest.mark.parametrize("seconds", ["0.01", "0.001"])
def test_csound_7_begins_notes_at_their_sample(csound_7: Library, seconds: str) -> None:
    assert onset(csound_7, seconds).said[-1] == "33"


OUTVALUE = """
CALLBACK = ctypes.CFUNCTYPE(None, V, S, V, V)
told = []
callback = CALLBACK(lambda *_: told.append(1))
function("csoundSetOutputChannelCallback", None, V, CALLBACK)(cs, callback)
compile('instr 1\\nk1 init 5\\noutvalue "a", k1\\nendin\\nschedule(1, 0, -1)')
start(cs)
perform(cs)
print(len(told))
"""


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_outvalue_is_told_more_than_once_in_its_first_cycle(which: str, request: pytest.FixtureRequest) -> None:
    assert int(run(request.getfixturevalue(which), OUTVALUE).said[-1]) > 1


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_a_crash_is_an_exit_where_csound_is_not_told_otherwise(which: str, request: pytest.FixtureRequest) -> None:
    library, program = request.getfixturevalue(which), "os.kill(os.getpid(), 11)"
    assert run(library, program).status == -signal.SIGSEGV
    assert run(library, program, "handlers").status == 1


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_chnexport_does_not_use_the_kind_of_a_channel(which: str, request: pytest.FixtureRequest) -> None:
    program = """
    compile('gkx init 1\\ngkx chnexport "x", 3, 3, 100, 10, 1000\\n'
            'instr 1\\ni1, i2, i3, i4, i5, i6 chnparams "x"\\nchnset i3, "kind"\\nendin\\nschedule(1, 0, 1)')
    start(cs)
    perform(cs)
    error = I()
    print(function("csoundGetControlChannel", D, V, S, ctypes.POINTER(I))(cs, b"kind", ctypes.byref(error)))
    """
    assert run(request.getfixturevalue(which), program).said[-1] == "2.0"


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_massign_compiled_twice_before_the_start_is_a_crash(which: str, request: pytest.FixtureRequest) -> None:
    library, code = request.getfixturevalue(which), "code = 'instr 1\\nendin\\nmassign 0, 1'\n"
    assert run(library, code + "compile(code)\ncompile(code)").crashed
    assert run(library, code + "compile(code)\nstart(cs)\ncompile(code)").status == 0


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_an_expression_that_makes_no_sense_is_a_crash(which: str, request: pytest.FixtureRequest) -> None:
    program = """
    compile("instr 1\\nendin")
    start(cs)
    line = "i 1 0 1 [440 @ 0]"
    send(line) if SEVEN else function("csoundReadScore", I, V, S)(cs, line.encode())
    perform(cs)
    """
    assert run(request.getfixturevalue(which), program).crashed


SECTIONS = """
signal.alarm(5)
compile("instr 1\\nendin\\n" + ("schedule(1, 0, 0.01)" if "event" in sys.argv else ""))
send("i 1 0 0.01\\ns\\ni 1 0 0.01\\n")
start(cs)
while not perform(cs):
    pass
print("ended")
"""


def test_csound_7_does_not_get_over_a_section_in_real_time(csound_7: Library) -> None:
    program = "import signal\n" + SECTIONS
    assert run(csound_7, program).said[-1] == "ended"
    assert run(csound_7, program, "event").status == -signal.SIGALRM


DEADLY_LINES = [
    'i 1 0 1 "a}b"',
    "i 1 0 1 n",
    "i ! 0 1",
    "b",
    "{\ni 1 0 1\n}",
    "i 1 0 1 np4\ni 1 0 1 pp4",
]


@pytest.mark.parametrize("line", DEADLY_LINES)
@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_a_line_of_a_score_that_cannot_be_read_is_a_crash(
    which: str, line: str, request: pytest.FixtureRequest
) -> None:
    program = """
    compile("instr 1\\nendin")
    start(cs)
    line = sys.argv[2]
    send(line) if SEVEN else function("csoundReadScore", I, V, S)(cs, line.encode())
    perform(cs)
    """
    library = request.getfixturevalue(which)
    # What is overwritten does not always matter.
    assert any(run(library, program, line).crashed for _ in range(5))


@pytest.mark.parametrize("line", ["f 99999999999 0 4 10 1", "a 0 0 100000000"])
@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_a_line_of_a_score_takes_as_long_as_its_number_says(
    which: str, line: str, request: pytest.FixtureRequest
) -> None:
    program = """
    import signal
    signal.alarm(4)
    compile("instr 1\\nendin")
    start(cs)
    line = sys.argv[2]
    send(line) if SEVEN else function("csoundReadScore", I, V, S)(cs, line.encode())
    perform(cs)
    """
    assert run(request.getfixturevalue(which), program, line).status == -signal.SIGALRM


def test_csound_6_ends_of_a_message_longer_than_its_buffer(csound_6: Library) -> None:
    program = """
    function("csoundCreateMessageBuffer", None, V, I)(cs, 0)
    function("csoundMessageS", None, V, I)(cs, 0, b"%s", b"x" * int(sys.argv[2]))
    print("printed")
    """
    assert run(csound_6, program, "16000").said[-1] == "printed"
    assert run(csound_6, program, "17000").status == EXIT_FAILURE


def test_csound_6_dies_of_a_constant_that_is_infinite(csound_6: Library) -> None:
    program = """
    compile("instr 1\\nendin")
    start(cs)
    for number in range(8):
        compile(f"gi_{number} = {sys.argv[2]}")
        perform(cs)
    """
    assert run(csound_6, program, "1/0").crashed
    assert run(csound_6, program, "1/2").status == 0


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_the_value_of_a_channel_that_is_not_there_makes_one(which: str, request: pytest.FixtureRequest) -> None:
    program = """
    pointer, error = V(), I()
    there = function("csoundGetChannelPtr", I, V, ctypes.POINTER(V), S, I)
    print(there(cs, ctypes.byref(pointer), b"missing", 0))
    function("csoundGetControlChannel", D, V, S, ctypes.POINTER(I))(cs, b"missing", ctypes.byref(error))
    print(there(cs, ctypes.byref(pointer), b"missing", 0))
    """
    before, after = run(request.getfixturevalue(which), program).said[-2:]
    assert int(before) <= 0 < int(after)


def test_csound_7_makes_an_array_channel_without_memory(csound_7: Library) -> None:
    program = """
    pointer = V()
    print(function("csoundGetChannelPtr", I, V, ctypes.POINTER(V), S, I)(cs, ctypes.byref(pointer), b"grid", 0x30 | 6))
    print(function("csoundGetArrayData", V, V)(pointer))
    """
    assert run(csound_7, program).said[-1] == "None"


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
@pytest.mark.parametrize(
    "body",
    ["a1 flooper2 1, 1e9, -1e9, 1e9, 1, giL", "a0 oscili 1, 440\na2 = -1e9\na1 vdelayx a0, a2, 1, 4"],
    ids=["flooper2", "vdelayx"],
)
def test_an_opcode_reads_outside_of_its_memory(which: str, body: str, request: pytest.FixtureRequest) -> None:
    program = """
    import signal
    signal.alarm(5)
    compile("giL ftgen 0, 0, 16, 2, 0\\ninstr 1\\n" + sys.argv[2] + "\\nendin")
    start(cs)
    compile("schedule 1, 0, 1\\n")
    for _ in range(100):
        perform(cs)
    """
    assert run(request.getfixturevalue(which), program, body).crashed


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_rewinding_before_a_midi_file_was_opened_is_a_crash(which: str, request: pytest.FixtureRequest) -> None:
    program = """
    option(cs, b"-Fnothing.mid")
    function("csoundRewindScore", None, V)(cs)
    """
    assert run(request.getfixturevalue(which), program).crashed


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_more_than_256_channels_are_counted_beyond_the_end_of_memory(
    which: str, request: pytest.FixtureRequest
) -> None:
    program = """
    text = b"nchnls = 9999999"
    if SEVEN:
        function("csoundCompileOrc", I, V, S, I)(cs, text, 0)
    else:
        function("csoundCompileOrc", I, V, S)(cs, text)
    reset(cs)
    """
    assert run(request.getfixturevalue(which), program).crashed


def test_csound_6_crashes_on_a_csd_that_it_gives_up_on(csound_6: Library) -> None:
    program = """
    text = "<CsoundSynthesizer>\\n<CsVersion>\\nAfter 9.0\\n</CsVersion>\\n</CsoundSynthesizer>\\n"
    function("csoundCompileCsdText", I, V, S)(cs, text.encode())
    """
    assert run(csound_6, program).crashed


NOTES = """
import time
compile("instr 1\\nendin")
start(cs)
perform(cs)

def begun(notes):
    code = f"iN = 0\\nwhile iN < {notes} do\\n  schedule(1, 0, 3600)\\n  iN += 1\\nod\\n"
    if SEVEN:
        function("csoundCompileOrc", I, V, S, I)(cs, code.encode(), 0)
    else:
        function("csoundCompileOrc", I, V, S)(cs, code.encode())
    before = time.process_time()
    perform(cs)
    return time.process_time() - before

few = begun(500)
print(begun(4000) / few)
"""


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_each_note_looks_for_its_place_among_all_that_sound(which: str, request: pytest.FixtureRequest) -> None:
    # Where the time were that of the notes, eight times as many would take eight times as long.
    assert float(run(request.getfixturevalue(which), NOTES).said[-1]) > 16


EXPRESSION = """
compile('instr 1\\n  chnset p4, "value"\\nendin')
start(cs)
line = b"i 1 0 0.01 [2^10*8]"
if SEVEN:
    send(line.decode())
else:
    function("csoundReadScore", I, V, S)(cs, line)
for _ in range(4):
    perform(cs)
print(function("csoundGetControlChannel", D, V, S, V)(cs, b"value", None))
"""


@pytest.mark.parametrize("which", ["csound_6", "csound_7"])
def test_a_power_in_a_score_takes_in_what_is_multiplied_after_it(which: str, request: pytest.FixtureRequest) -> None:
    assert float(run(request.getfixturevalue(which), EXPRESSION).said[-1]) == 2.0**80
