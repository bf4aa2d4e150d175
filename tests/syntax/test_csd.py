"""The sections of a CSD, where Csound finds them."""

from __future__ import annotations

import pytest

from csoundd.syntax.csd import SectionKind, base64_fault, parse, parse_bytes, unmet_version

CSD = """what stands before is nothing
<CsoundSynthesizer> nor what follows a tag
 \t<CsOptions>
-n ; </CsOptions> in a comment
</CsOptions>
<CsInstruments>
; </CsInstruments> in a comment
S1 = "</CsInstruments>"
/*
</CsInstruments>
*/
S2 = {{
</CsInstruments>
}}
 </CsInstruments>
<CsScore>
i1 0 1 ; </CsScore>
</CsScore>
<Cabbage>
<CsFileB filename="a b.wav">
AAAA
</CsFileB>
<CsLicense>
mine </CsLicense>
</CsoundSynthesizer>
<CsScore>
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_section_ends_where_csound_ends_it(end: str) -> None:
    text = CSD.replace("\n", end)
    csd = parse(text)
    assert [(section.kind, section.line) for section in csd.sections] == [
        (SectionKind.OPTIONS, 4),
        (SectionKind.INSTRUMENTS, 7),
        (SectionKind.SCORE, 17),
        (SectionKind.BINARY_FILE, 21),
        (SectionKind.LICENCE, 24),
    ]
    assert all(text[section.start : section.end] == section.text for section in csd.sections)
    assert all(section.is_closed for section in csd.sections)
    assert csd.orchestra.endswith("}}" + end)
    assert csd.score == "i1 0 1 ; </CsScore>" + end
    assert csd.sections[3].attribute == "a b.wav"
    assert csd.unknown_tags == ("<Cabbage>",)
    assert text[csd.end :] == "<CsScore>" + end


def test_a_csd_ends_with_its_text() -> None:
    csd = parse("<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nendin\n</CsInstruments>")
    assert csd.is_started
    assert csd.orchestra == "instr 1\nendin\n"


def test_a_section_without_its_end_is_said_to_have_none() -> None:
    (section,) = parse("<CsoundSynthesiser>\n<CsInstruments>\ninstr 1\n").sections
    assert not section.is_closed


def test_a_string_that_its_line_does_not_end_ends_the_section_as_it_does_in_csound() -> None:
    sections = parse('<CsInstruments>\nprints "a\n</CsInstruments>\n<CsScore>\n</CsScore>').sections
    assert [section.is_closed for section in sections] == [False, True]


def test_a_tag_counts_at_the_beginning_of_a_line_only() -> None:
    assert parse("<CsoundSynthesizer><CsInstruments>\n").sections == ()


def test_positions_are_bytes_where_bytes_are_given() -> None:
    data = "é\n<CsScore>\né\n</CsScore>\n".encode()
    (section,) = parse_bytes(data).sections
    assert data[section.start : section.end].decode() == "é\n"


def test_any_text_is_read() -> None:
    assert not parse("").is_started
    assert parse("<CsInstruments>\n" + "/*" * 100_000).sections[0].is_closed is False


@pytest.mark.parametrize("text", ["", "AAEC\n", "A A\r\nEC", "AAE=", "AA==", "A", "AA<%", "AAECAw", "====%"])
def test_bytes_in_a_csd_that_csound_reads(text: str) -> None:
    assert base64_fault(text) is None


@pytest.mark.parametrize("text", ["%", "AA\0A", "AAEé", "AB", "AAB", "B", "AAEC_w"])
def test_bytes_in_a_csd_that_csound_gives_up_on(text: str) -> None:
    assert base64_fault(text) is not None


@pytest.mark.parametrize(
    ("line", "versions"),
    [
        ("Before 7.0", (6180,)),
        ("After 6.18", (7000,)),
        ("Later 6.18", (6180, 7000)),
        ("6.18", (7000,)),
        ("6", (6180, 7000)),
        ("  anything", (6180, 7000)),
        ("Before", ()),
        ("not Before 9.0", ()),
        ("Later 6.18\nBefore 7", (6180,)),
    ],
)
def test_the_versions_that_a_csd_is_for(line: str, versions: tuple[int, ...]) -> None:
    csd = parse(f"<CsoundSynthesizer>\n<CsVersion>\n{line}\n</CsVersion>\n</CsoundSynthesizer>\n")
    assert tuple(version for version in (6180, 7000) if unmet_version(csd, version) is None) == versions
