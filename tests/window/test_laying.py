"""Files of masks opened one right after another: each waits its turn, and none is lost unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from ai.scan.finding import BoxMask, Origin
from ai.scan.labelmap import LUNGS
from ai.worker.messages import Failed
from ai.worker.shared import Block
from tests.fakes import MADE_BY, chest
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer.dicom.io_messages import Found, LabelsRef, Load, Look, ReadSeg, SegRead
from viewer.dicom.masks.content import NamedMask
from viewer.dicom.series import REFUSED, Opened
from viewer.notices import BANNER, WARN
from viewer.panels.finding_entries import entries_of
from viewer.panels.finding_rows import FindingEntry


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, ...]:
    """Three small files; what is in them the children make up."""
    made = tuple(tmp_path / f"{name}.dcm" for name in ("one", "two", "three"))
    for file in made:
        file.write_bytes(b"masks")
    return made


def asked(sitting: Sitting, kind: type) -> list:
    return [request for request in sitting.jobs.io.asked if isinstance(request, kind)]


def read_files(sitting: Sitting) -> list[str]:
    return [Path(request.path).name for request in asked(sitting, ReadSeg)]


def look_into(sitting: Sitting, n: int, segs: Sequence[Path]) -> None:
    """The n-th look finds nothing but masks."""
    look = asked(sitting, Look)[n]
    told = ("The CT of this segmentation is missing.",)
    opened = Opened(Path(look.path), REFUSED, told, (), tuple(segs))
    sitting.jobs.say(Found(look.job, opened))


def lay(sitting: Sitting, n: int, start: int, *sentences: str) -> None:
    """The n-th file of masks is read: a nodule at a place of its own."""
    voxels = np.ones((3, 4, 5), bool)
    mask = BoxMask((start, 20, 20), voxels)
    found = NamedMask(f"nodule {n}", f"2.25.{n + 1}", mask, MADE_BY)
    sitting.jobs.say(SegRead(asked(sitting, ReadSeg)[n].job, None, (found,), sentences))


def lay_lung(sitting: Sitting, n: int, number: int) -> None:
    """The n-th file of masks holds one lung; a left one joins a right one, as the child does."""
    request = asked(sitting, ReadSeg)[n]
    joined = request.holds == MADE_BY and number == 2
    with Block.attach(request.out, writable=True) as block:
        if not joined:
            block.array[...] = 0
        block.array[5:35, 10:50, 5 + 20 * number : 15 + 20 * number] = number
    labels = LabelsRef(request.out, request.series.geometry, LUNGS, MADE_BY)
    sitting.jobs.say(SegRead(request.job, labels, (), joined=joined))


def findings(sitting: Sitting) -> int:
    assert sitting.desk.reading is not None
    return len(sitting.desk.reading.findings)


def banners(sitting: Sitting) -> list[str]:
    places = [notice for notice in sitting.notices if notice.place == BANNER]
    return [notice.sentence for notice in places if notice.level == WARN]


def test_one_opened_while_another_is_read_waits_for_it_and_both_are_laid_on(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0])
    look_into(sitting, 1, files[:1])
    assert read_files(sitting) == ["one.dcm"]
    sitting.desk.open(files[1])
    look_into(sitting, 2, files[1:2])
    assert read_files(sitting) == ["one.dcm"] and not sitting.jobs.io.cancelled
    lay(sitting, 0, 5, "one.dcm holds fractions.")
    assert read_files(sitting) == ["one.dcm", "two.dcm"]
    lay(sitting, 1, 25, "two.dcm holds fractions.")
    assert findings(sitting) == 2
    assert banners(sitting) == ["one.dcm holds fractions.", "two.dcm holds fractions."]


def test_those_opened_while_another_is_looked_into_come_in_their_order(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    for file in files:
        sitting.desk.open(file)
    assert not sitting.jobs.io.cancelled
    for n, file in enumerate(files):
        look_into(sitting, n + 1, (file,))
    for n in range(3):
        lay(sitting, n, 3 + 10 * n)
    assert read_files(sitting) == [file.name for file in files] and findings(sitting) == 3


def test_one_that_cannot_be_laid_on_does_not_take_the_next_along(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    for n, file in enumerate(files[:2]):
        sitting.desk.open(file)
        look_into(sitting, n + 1, (file,))
    sitting.jobs.say(Failed(asked(sitting, ReadSeg)[0].job, "one.dcm belongs elsewhere.", ""))
    lay(sitting, 1, 5)
    assert banners(sitting) == ["one.dcm belongs elsewhere."] and findings(sitting) == 1


def test_opened_while_the_scan_loads_they_wait_and_the_scan_goes_on_loading(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.desk.open(Path("study"))
    sitting.children.find()
    for n, file in enumerate(files[:2]):
        sitting.desk.open(file)
        look_into(sitting, n + 1, (file,))
    assert len(asked(sitting, Load)) == 1 and not sitting.jobs.io.cancelled
    assert not asked(sitting, ReadSeg)
    sitting.children.load()
    lay(sitting, 0, 5)
    lay(sitting, 1, 25)
    assert findings(sitting) == 2


def test_opened_right_after_its_scan_one_is_laid_on_it(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.desk.open(Path("study"))
    sitting.desk.open(files[0])
    study = Opened(Path("study"), "opens", (), (chest(),))
    sitting.jobs.say(Found(asked(sitting, Look)[0].job, study))
    look_into(sitting, 1, files[:1])
    sitting.children.load()
    lay(sitting, 0, 5)
    assert findings(sitting) == 1


def test_a_scan_opened_right_after_masks_gets_them_laid_on(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0])
    sitting.desk.open(Path("study"))
    look_into(sitting, 1, files[:1])
    assert not asked(sitting, ReadSeg), "another scan is on its way"
    sitting.children.find(chest("1.2.4"))
    sitting.children.load()
    assert read_files(sitting) == ["one.dcm"]


def test_a_file_that_is_no_mask_takes_the_place_of_what_loads(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.desk.open(Path("study"))
    sitting.children.find()
    sitting.desk.open(files[0])
    sitting.children.find(chest("1.2.4"), path=files[0])
    sitting.children.load()
    assert sitting.desk.scan is not None and sitting.desk.scan.series.uid == "1.2.4"


def test_a_letter_dropped_while_a_scan_loads_is_told_and_the_scan_comes(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.desk.open(Path("study"))
    sitting.children.find()
    sitting.desk.segment_lungs()
    sitting.desk.open(files[0])
    nothing = Opened(files[0], REFUSED, ("There is no DICOM image here.",), ())
    sitting.jobs.say(Found(asked(sitting, Look)[1].job, nothing))
    assert sitting.said == "There is no DICOM image here."
    sitting.children.load()
    assert sitting.desk.scan is not None and sitting.desk.scan.complete
    assert sitting.jobs.running("lungs") is not None, "what waits for the scan still waits"


def test_left_before_they_were_read_they_are_told(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    for n, file in enumerate(files[:2]):
        sitting.desk.open(file)
        look_into(sitting, n + 1, (file,))
    sitting.desk.choose_series(chest("1.2.4"))
    told = [notice for notice in sitting.notices if "one.dcm, two.dcm" in notice.sentence]
    assert [notice.place for notice in told] == [BANNER]
    assert findings(sitting) == 0


def test_a_scan_that_does_not_come_tells_what_is_not_laid_on_it(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.desk.open(Path("study"))
    sitting.children.find()
    sitting.desk.open(files[0])
    look_into(sitting, 1, files[:1])
    sitting.children.fail(Load, "The disk is gone.")
    assert any("one.dcm" in sentence for sentence in banners(sitting))


def test_masks_without_any_scan_are_refused(sitting: Sitting, files: tuple[Path, ...]) -> None:
    sitting.desk.open(files[0])
    sitting.desk.open(files[1])
    look_into(sitting, 0, files[:1])
    look_into(sitting, 1, files[1:2])
    told = [notice for notice in sitting.notices if notice.level == "refused"]
    assert len(told) == 2 and not asked(sitting, ReadSeg)


def test_a_lung_in_each_of_two_files_dropped_together_makes_a_pair(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0].parent, only=files[:2])
    look_into(sitting, 1, files[:2])
    lay_lung(sitting, 0, 1)
    lay_lung(sitting, 1, 2)
    reading = sitting.desk.reading
    assert reading is not None and reading.lungs is not None
    assert set(np.unique(reading.lungs.labels)) == {0, 1, 2} and not banners(sitting)


def test_lungs_in_both_of_two_files_the_later_ones_stand_and_that_is_told(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0].parent, only=files[:2])
    look_into(sitting, 1, files[:2])
    lay_lung(sitting, 0, 1)
    lay_lung(sitting, 1, 1)
    assert sitting.desk.reading is not None and sitting.desk.reading.lungs is not None
    (told,) = banners(sitting)
    assert "one.dcm" in told and "two.dcm" in told


def test_a_finding_of_a_file_says_who_made_it_and_not_that_the_reader_did(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0])
    look_into(sitting, 1, files[:1])
    lay(sitting, 0, 5)
    reading = sitting.desk.reading
    assert reading is not None
    (finding,) = reading.findings
    sitting.desk.select(finding.id)

    def entry() -> FindingEntry:
        entries = entries_of(sitting.desk)
        return next(one for one in entries if one.id == finding.id)

    assert entry().whose == "Out of a file by test 1" and "by test 1" in str(entry())
    sitting.key(Qt.Key.Key_A)
    assert entry().whose == "" and "accepted" in str(entry())


def lost(sitting: Sitting) -> list[str]:
    told = "Not laid on, because the reading was left before"
    return [one for one in shown(sitting) if one.startswith(told)]


def shown(sitting: Sitting) -> list[str]:
    return [banner.notice.sentence for banner in sitting.window.banners.shown]


def test_what_one_reader_opened_and_is_looked_into_is_not_laid_on_the_next_ones_reading(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.set_reader("Dr Ray")
    for file in files[:2]:
        sitting.desk.open(file)
    sitting.desk.set_reader("Dr New")
    look_into(sitting, 1, files[:1])
    look_into(sitting, 2, files[1:2])
    assert not asked(sitting, ReadSeg) and findings(sitting) == 0
    assert any("one.dcm" in one for one in lost(sitting))
    assert any("two.dcm" in one for one in lost(sitting))
    sitting.desk.open(files[2])
    look_into(sitting, 3, files[2:])
    assert read_files(sitting) == ["three.dcm"], "the next one's own are"


def test_what_one_reader_opened_does_not_wait_for_the_scan_in_the_next_ones_reading(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.desk.set_reader("Dr Ray")
    sitting.desk.open(Path("study"))
    sitting.children.find()
    sitting.desk.open(files[0])
    look_into(sitting, 1, files[:1])
    sitting.desk.segment_lungs()
    sitting.desk.set_reader("Dr New")
    assert sitting.said == "What Dr Ray asked for before the study was there is not done."
    assert len(lost(sitting)) == 1
    sitting.children.load()
    assert sitting.desk.scan is not None and sitting.desk.scan.complete
    assert not asked(sitting, ReadSeg) and sitting.jobs.running("lungs") is None


def test_a_scan_that_a_reader_who_left_opened_comes_all_the_same(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.set_reader("Dr Ray")
    sitting.desk.open(files[0])
    sitting.desk.set_reader("Dr New")
    sitting.children.find(chest("1.2.4"), path=files[0])
    sitting.children.load()
    assert sitting.desk.scan is not None and sitting.desk.scan.series.uid == "1.2.4"


def test_a_name_given_late_keeps_what_was_opened_before_anything_was_read(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0])
    sitting.desk.set_reader("Dr Ray")
    look_into(sitting, 1, files[:1])
    lay(sitting, 0, 5)
    assert findings(sitting) == 1 and not lost(sitting)


def test_what_was_not_laid_on_is_told_over_one_reading_and_no_later_one(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.set_reader("Dr Ray")
    sitting.desk.open(files[0])
    look_into(sitting, 1, files[:1])
    sitting.desk.set_reader("Dr New")
    assert len(lost(sitting)) == 1
    sitting.desk.set_reader("Dr Third")
    assert not lost(sitting)


def test_the_same_study_opened_anew_tells_what_was_not_laid_on(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0])
    look_into(sitting, 1, files[:1])
    sitting.desk.open(Path("study"))
    sitting.children.find()
    assert len(lost(sitting)) == 1


def test_what_one_reader_could_not_open_is_not_told_to_the_next(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    def refused() -> None:
        sitting.desk.open(files[0])
        nothing = Opened(files[0], REFUSED, ("There is no DICOM image here.",), ())
        sitting.jobs.say(Found(asked(sitting, Look)[-1].job, nothing))
        assert "There is no DICOM image here." in shown(sitting)

    sitting.desk.set_reader("Dr Ray")
    refused()
    sitting.desk.set_reader("Dr New")
    assert not shown(sitting), "on the start page"
    sitting.open()
    refused()
    sitting.desk.set_reader("Dr Third")
    assert not shown(sitting)


def lay_called(sitting: Sitting, code: str, identity: str, description: str) -> str:
    """A mark out of a file that Hilum wrote; its id in the reading."""
    mask = BoxMask((5, 20, 20), np.ones((3, 4, 5), bool))
    origin = Origin("SEG", "SEMIAUTOMATIC", identity, "2.25.9")
    found = NamedMask(
        "9 mm", "2.25.9", mask, MADE_BY, origin=origin, code=code, description=description
    )
    sitting.jobs.say(SegRead(asked(sitting, ReadSeg)[0].job, None, (found,), ()))
    assert sitting.desk.reading is not None
    return sitting.desk.reading.findings[-1].id


def test_a_label_in_the_readers_own_words_comes_back_with_its_mark(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0])
    look_into(sitting, 1, files[:1])
    called, told = "Finding 1: lymph node 4R", "lymph node 4R; added; research use only"
    mark = lay_called(sitting, "52988006", called, told)
    assert sitting.desk.own.label_of(mark) == "lymph node 4R"
    shown = " ".join(str(entry) for entry in entries_of(sitting.desk, show_held=True))
    assert "lymph node 4R" in shown
    sitting.key(Qt.Key.Key_Z, CTRL)
    assert findings(sitting) == 0, "the mark and its label are one step"
    sitting.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert findings(sitting) == 1 and sitting.desk.own.label_of(mark) == "lymph node 4R"


def test_a_kind_with_a_code_comes_back_as_that_kind(
    sitting: Sitting, files: tuple[Path, ...]
) -> None:
    sitting.open()
    sitting.desk.open(files[0])
    look_into(sitting, 1, files[:1])
    mark = lay_called(sitting, "59441001", "Finding 1", "added; research use only")
    assert sitting.desk.own.label_of(mark) == "lymph node"
