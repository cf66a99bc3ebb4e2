"""Archives as they arrive: cut by a broken download, beside a study, in each other, of a disc."""

from __future__ import annotations

import io
import os
import random
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.dicom.small import hu_of, write_ct
from tests.dicom.test_sources import directory_of, zipped
from tests.dicom.test_use import counts, of_patient, write_object
from viewer.dicom.archives import archive as archive_module
from viewer.dicom.archives.archive import unpacked
from viewer.dicom.find import open_path
from viewer.dicom.pixels import read_volume
from viewer.dicom.series import OPENS, REFUSED, WARNS

SEG = "1.2.840.10008.5.1.4.1.1.66.4"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder of 12 slices."""
    write_ct(tmp_path / "ct", hu=hu_of(12))
    return tmp_path / "ct"


def starts(raw: bytes, mark: bytes) -> list[int]:
    """Where each header of a kind begins."""
    found, at = [], -1
    while (at := raw.find(mark, at + 1)) >= 0:
        found.append(at)
    return found


class Pipe(io.RawIOBase):
    """A stream that cannot be turned back: sizes are told after each member."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.parts.append(bytes(data))  # type: ignore[call-overload]
        return len(self.parts[-1])


def streamed(folder: Path) -> bytes:
    """A ZIP as a portal streams it."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return b"".join(pipe.parts)


@pytest.mark.parametrize("kind", ["deflated", "stored", "streamed"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.8, 0.95])
def test_of_a_cut_archive_all_that_is_whole_is_read(study: Path, kind: str, share: float) -> None:
    path = study.parent / "study.zip"
    if kind == "streamed":
        path.write_bytes(streamed(study))
    else:
        how = zipfile.ZIP_STORED if kind == "stored" else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(path, "w", how) as out:
            for file in sorted(study.iterdir()):
                out.write(file, f"study/{file.name}")
    raw = path.read_bytes()
    members = [*starts(raw, b"PK\x03\x04"), raw.index(b"PK\x01\x02")]
    cut = int(share * members[-1])
    path.write_bytes(raw[:cut])
    whole = sum(end <= cut for end in members[1:])
    opened = open_path(path)
    assert opened.outcome == WARNS and counts(opened) == [whole]
    assert opened.sentences[0] == (
        f"study.zip is a damaged archive that breaks off: {whole} files were read, 1 or more lost."
    )
    hu = read_volume(opened.series[0]).hu
    assert np.array_equal(hu, hu_of(12)[:whole])


def test_an_archive_cut_in_its_list_of_contents_has_lost_nothing(study: Path) -> None:
    path = zipped(study, study.parent / "study.zip")
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.index(b"PK\x01\x02") + 60])
    opened = open_path(path)
    assert counts(opened) == [12]
    assert "list of contents is lost; all 12 files were read" in opened.sentences[0]


def test_a_spoilt_member_of_a_cut_archive_is_counted_and_costs_no_other(study: Path) -> None:
    path = zipped(study, study.parent / "study.zip")
    raw = bytearray(path.read_bytes())
    third = starts(bytes(raw), b"PK\x03\x04")[2]
    raw[third + 400] ^= 0xFF
    path.write_bytes(raw[: raw.index(b"PK\x01\x02") + 60])
    opened = open_path(path)
    assert counts(opened) == [11]
    assert "11 files were read, 1 lost" in opened.sentences[0]


def test_a_cut_archive_with_little_left_is_refused(study: Path) -> None:
    path = zipped(study, study.parent / "study.zip")
    raw = path.read_bytes()
    path.write_bytes(raw[: starts(raw, b"PK\x03\x04")[2] + 50])
    opened = open_path(path)
    assert opened.outcome == REFUSED
    assert opened.sentences == (
        "study.zip is a damaged archive that breaks off: only 2 of its files can be read.",
    )


def test_a_cut_bomb_ends_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "SWELL_FLOOR", 1 << 20)
    (tmp_path / "none").mkdir()
    zeros = {f"{n}": bytes(1 << 20) for n in range(8)}
    path = zipped(tmp_path / "none", tmp_path / "bomb.zip", zeros)
    path.write_bytes(path.read_bytes()[:-30])
    out = tmp_path / "out"
    gathered = unpacked(path, out)
    assert "implausible size" in gathered.refusal
    assert sum(file.stat().st_size for file in out.iterdir()) <= 2 << 20


def test_a_cut_and_locked_archive_asks_to_be_unpacked(study: Path) -> None:
    path = zipped(study, study.parent / "study.zip")
    raw = bytearray(path.read_bytes())
    for at in starts(bytes(raw), b"PK\x03\x04"):
        raw[at + 6] |= 1
    path.write_bytes(raw[:-40])
    assert "password" in unpacked(path, study.parent / "out").refusal


def test_names_in_a_cut_archive_lead_nowhere_either(study: Path) -> None:
    path = zipped(study, study.parent / "study.zip", {"../../evil.dcm": b"evil"})
    path.write_bytes(path.read_bytes()[:-40])
    out = study.parent / "out"
    gathered = unpacked(path, out)
    assert "outside" in gathered.sentences[0] and len(gathered.files) == 12
    assert not (study.parent / "evil.dcm").exists() and len(list(out.iterdir())) == 12


def test_no_damage_to_a_cut_archive_is_a_fault(study: Path) -> None:
    rng = random.Random(7)
    whole = [zipped(study, study.parent / "a.zip").read_bytes(), streamed(study)]
    path = study.parent / "hurt.zip"
    for n in range(300):
        raw = bytearray(whole[n % 2][: rng.randrange(40, len(whole[n % 2]))])
        for _ in range(rng.randrange(0, 6)):
            raw[rng.randrange(4, len(raw))] = rng.randrange(256)
        at = rng.choice(starts(bytes(raw), b"PK\x03\x04") or [0])
        if rng.random() < 0.4 and at + 30 < len(raw):
            struct.pack_into(
                "<I", raw, at + rng.choice((14, 18, 22)), rng.choice((0, 1, 2**32 - 1))
            )
        path.write_bytes(raw)
        out = study.parent / f"out{n}"
        gathered = unpacked(path, out)
        assert gathered.refusal or gathered.files
        assert set(gathered.files) == set(out.iterdir()), "nothing half-written stays"
        shutil.rmtree(out)


def test_files_keep_their_names_where_those_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    names = [
        "a/IM1",
        "b/IM1",
        "b/im1",
        "c/CON",
        "c/aux.dcm",
        ".hidden",
        "王.dcm",
        "x y.dcm",
        "IM2.",
    ]
    with zipfile.ZipFile(path, "w") as out:
        for name in names:
            out.writestr(name, name)
    made = [file.name for file in unpacked(path, tmp_path / "out").files]
    assert made == [
        "IM1", "000001-IM1", "000002-im1", "000003-CON", "000004-aux.dcm", "000005-.hidden",
        "000006-.dcm", "000007-xy.dcm", "000008-IM2.",
    ]  # fmt: skip
    assert {file.read_text() for file in (tmp_path / "out").iterdir()} == set(names)


def test_a_zipped_disc_opens_without_a_word(tmp_path: Path) -> None:
    for n, path in enumerate(write_ct(tmp_path / "cd" / "IMAGES")):
        path.rename(path.with_name(f"IM{n}"))
    directory_of(tmp_path / "cd", [["IMAGES", f"IM{n}"] for n in range(6)])
    made = shutil.make_archive(str(tmp_path / "cd"), "zip", tmp_path / "cd")
    opened = open_path(Path(made))
    assert opened.outcome == OPENS and counts(opened) == [6], opened.sentences


def test_an_archive_beside_a_study_is_named_when_it_holds_other_images(tmp_path: Path) -> None:
    write_ct(tmp_path / "all" / "now")
    write_ct(tmp_path / "prior", series="1.2.4.1", edit=of_patient("One", "1.2.4"))
    zipped(tmp_path / "prior", tmp_path / "all" / "prior.zip")
    opened = open_path(tmp_path / "all")
    assert counts(opened) == [6]
    assert opened.sentences == (
        "prior.zip was not opened: it holds images of its own. Open it by itself.",
    )


def test_an_archive_of_the_very_study_it_lies_beside_is_no_trouble(study: Path) -> None:
    zipped(study, study / "download.zip")
    opened = open_path(study)
    assert opened.outcome == OPENS and counts(opened) == [12]


def test_a_letter_beside_a_study_is_no_trouble_though_it_is_packed_as_an_archive(
    study: Path,
) -> None:
    with zipfile.ZipFile(study / "letter.docx", "w") as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        out.writestr("word/document.xml", "<document/>" * 40)
    assert open_path(study).outcome == OPENS


def test_locked_and_damaged_archives_beside_a_study_are_named(study: Path) -> None:
    raw = bytearray(zipped(study, study.parent / "locked.zip").read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for at in starts(bytes(raw), mark):
            raw[at + flags] |= 1
    (study / "locked.zip").write_bytes(raw)
    (study / "cut.zip").write_bytes(raw[:2000])
    opened = open_path(study)
    assert counts(opened) == [12]
    assert set(opened.sentences) == {
        "locked.zip was not opened: it is locked with a password. Open it by itself.",
        "cut.zip was not opened: it is a damaged archive. Open it by itself.",
    }


def test_a_segmentation_does_not_hide_the_archive_with_its_scan(study: Path) -> None:
    whole = study.parent / "both"
    whole.mkdir()
    zipped(study, whole / "ct.zip")
    write_object(whole / "91.dcm", SEG, "SEG")
    opened = open_path(whole, unpack_to=_new(study.parent / "out"))
    assert counts(opened) == [12] and opened.segs == (whole / "91.dcm",)


def test_an_archive_within_an_archive_is_named_beside_images_too(study: Path) -> None:
    inner = study.parent / "inner.zip"
    write_ct(study.parent / "other", series="1.2.4.1", edit=of_patient("One", "1.2.4"))
    zipped(study.parent / "other", inner)
    outer = zipped(study, study.parent / "outer.zip", {"inner.zip": inner.read_bytes()})
    opened = open_path(outer)
    assert counts(opened) == [12]
    assert opened.sentences == ("An archive lies in the archive (inner.zip): unpack it first.",)


def test_of_very_many_archives_it_is_said_how_many_were_opened(tmp_path: Path) -> None:
    (template,) = write_ct(tmp_path / "one", hu=hu_of(1))
    folder = _new(tmp_path / "many")
    for n in range(23):
        with zipfile.ZipFile(folder / f"{n:02d}.zip", "w") as out:
            out.writestr("im", template.read_bytes().replace(b"1.2.3.1.1\0", b"1.2.3.1.%d\0" % n))
    opened = open_path(folder, unpack_to=_new(tmp_path / "out"))
    assert "Only the first 20 of 23 archives were opened." in opened.sentences


def _new(folder: Path) -> Path:
    os.mkdir(folder)  # noqa: PTH102
    return folder
