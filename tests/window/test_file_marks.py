"""Before the own pass is done, a program's marks out of a file in the study wait as the AI's do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF

from ai.scan.finding import BoxMask, Origin
from ai.scan.labelmap import MadeBy
from tests.fakes import CANDIDATES
from tests.window.conftest import Sitting
from viewer import theme
from viewer.desk.segs import Segs
from viewer.dicom.io_messages import ReadSeg, SegRead
from viewer.dicom.masks.content import NamedMask
from viewer.dicom.masks.drawn_by import READER
from viewer.notices import BANNER
from viewer.panels.finding_rows import lowered
from viewer.reading.events import SECOND
from viewer.reading.origin import TAKEN_OVER
from viewer.reading.report.how_read import how_read

TOOL = MadeBy("SECRETALGO", "")


def mask(n: int, made_by: MadeBy, how: str) -> NamedMask:
    box = BoxMask((10 + 5 * n, 20, 20), np.ones((3, 4, 5), bool))
    origin = Origin("SEG", how, f"T{n}", f"2.25.{n + 1}")
    return NamedMask(f"nodule {n}", f"2.25.{n + 1}", box, made_by, origin=origin)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "nodules.dcm"
    path.write_bytes(b"masks")
    return path


def read(sitting: Sitting, file: Path, *masks: NamedMask, asked: bool = False) -> None:
    segs: Segs = sitting.desk.segs
    segs.read([file], asked=asked, then=lambda: None)
    sitting.jobs.say(SegRead(sitting.jobs.asked(ReadSeg).job, None, masks))


@pytest.fixture
def second(sitting: Sitting) -> Sitting:
    sitting.desk.own_pass.start_in(SECOND)
    sitting.open()
    return sitting


def banners(sitting: Sitting) -> list[str]:
    return [b.notice.sentence for b in sitting.window.banners.shown if b.notice.place == BANNER]


@pytest.mark.parametrize("how", ["AUTOMATIC", "SEMIAUTOMATIC"])
def test_marks_of_a_program_wait_and_are_offered(second: Sitting, file: Path, how: str) -> None:
    read(second, file, mask(0, TOOL, how), mask(1, TOOL, how))
    assert second.desk.reading is not None and not second.desk.reading.findings
    waits = "2 marks out of a segmentation wait for your own pass, by SECRETALGO."
    assert waits in banners(second)
    assert second.desk.own_pass.finish()
    assert len(second.desk.reading.findings) == 2
    assert waits not in banners(second)
    assert any(one.sentence == "Own pass done. 2 marks show." for one in second.notices)
    assert "a program" not in " ".join(how_read(second.desk.reading))


def test_what_a_hand_drew_comes_as_before(second: Sitting, file: Path) -> None:
    read(second, file, mask(0, READER, "MANUAL"), mask(1, TOOL, "AUTOMATIC"))
    assert second.desk.reading is not None
    assert [f.made_by for f in second.desk.reading.findings] == [READER]


def test_the_banners_button_shows_them_at_once_and_the_log_says_so(
    second: Sitting, file: Path
) -> None:
    read(second, file, mask(0, TOOL, "AUTOMATIC"))
    second.window.actions_by_id["show-marks-now"].trigger()
    assert second.desk.reading is not None and len(second.desk.reading.findings) == 1
    assert "asked for" in " ".join(how_read(second.desk.reading))


def test_in_a_concurrent_reading_they_come_at_once(sitting: Sitting, file: Path) -> None:
    sitting.open()
    read(sitting, file, mask(0, TOOL, "AUTOMATIC"))
    assert sitting.desk.reading is not None and len(sitting.desk.reading.findings) == 1


def test_a_file_that_the_reader_opened_is_shown_and_the_report_says_when(
    second: Sitting, file: Path
) -> None:
    read(second, file, mask(0, TOOL, "AUTOMATIC"), asked=True)
    assert second.desk.reading is not None and len(second.desk.reading.findings) == 1
    assert "not ended; marks of a program" in " ".join(how_read(second.desk.reading))


def test_after_a_change_of_reader_they_wait_for_the_next_own_pass(
    second: Sitting, file: Path
) -> None:
    read(second, file, mask(0, TOOL, "AUTOMATIC"))
    second.desk.own_pass.finish()
    second.desk.change_reader("Next")
    assert second.desk.reading is not None and not second.desk.reading.findings
    assert any("waits for your own pass" in told for told in banners(second))
    second.desk.own_pass.finish()
    assert len(second.desk.reading.findings) == 1


def test_marks_of_a_file_stand_under_their_own_head_and_are_no_own_marks(
    sitting: Sitting, file: Path
) -> None:
    from ai.nodules.added import GROWING
    from viewer.panels.finding_entries import entries_of

    sitting.open()
    read(sitting, file, mask(0, GROWING, "SEMIAUTOMATIC"))
    head, one = entries_of(sitting.desk)
    assert head.name == "From a segmentation"
    assert one.whose == "Out of a SEG by half-contrast-growing 1, SEMIAUTOMATIC"
    assert not sitting.desk.own.is_own(one.id)


def test_undoing_what_was_said_of_a_file_s_mark_names_it_as_it_came(
    sitting: Sitting, file: Path
) -> None:
    sitting.open()
    read(sitting, file, mask(0, READER, "MANUAL"))
    desk = sitting.desk
    assert desk.reading is not None
    desk.make_current(desk.reading.findings[0].id)
    sitting.window.actions_by_id["accept"].trigger()
    sitting.window.actions_by_id["undo"].trigger()
    assert "is taken over out of a file again" in sitting.notices[-1].sentence
    sitting.window.actions_by_id["undo"].trigger()
    assert sitting.notices[-1].sentence.endswith(" taken over")


LONG = MadeBy("AUTOMATIC_lung_nodule_segmentation_of_the_university_hospital_2", "")


@pytest.mark.parametrize("made_by", [TOOL, LONG])
def test_the_card_says_whose_mark_it_is_in_full_or_with_both_ends_and_a_tip(
    sitting: Sitting, file: Path, made_by: MadeBy
) -> None:
    sitting.open()
    read(sitting, file, mask(0, made_by, "SEMIAUTOMATIC"))
    desk, panel = sitting.desk, sitting.window.findings
    assert desk.reading is not None
    desk.make_current(desk.reading.findings[0].id)
    (card,) = (entry for entry in panel.model.entries if entry.current)
    whole = f"Out of a SEG by {made_by.name}, SEMIAUTOMATIC"
    assert (card.state, card.why) == (TAKEN_OVER, whole)
    there = panel.rows.why_box(240, lowered(card)).center()
    assert panel.rows.is_cut(card, 240, there) == (made_by is LONG)
    assert not panel.rows.is_cut(card, 240, QPointF(120, 10)), "no tip beside it"
    for wide in (200, 300):
        lines = panel.rows.why_lines(card, wide)
        assert len(lines) <= 2 and lines[0].startswith("Out of a SEG by")
        assert lines[-1].endswith("AUTOMATIC")
        font = QFontMetricsF(theme.font("caption"))
        assert all(font.horizontalAdvance(line) <= wide for line in lines)
        cut = "".join(lines).replace(" ", "") != whole.replace(" ", "")
        assert cut == (made_by is LONG)
    index = panel.model.index(panel.model.entries.index(card))
    assert whole in index.data(Qt.ItemDataRole.ToolTipRole)


def test_no_agent_is_said_to_have_ordered_what_came_in_a_file(sitting: Sitting, file: Path) -> None:
    sitting.open()
    read(sitting, file, mask(0, READER, "MANUAL"))
    assert not sitting.window.findings.order_words.isVisible()
    sitting.nodules(*CANDIDATES)
    assert sitting.window.findings.order_words.isVisible()


def test_the_banner_counts_what_still_waits(second: Sitting, file: Path) -> None:
    one, two = (mask(n, TOOL, "AUTOMATIC") for n in (0, 1))
    read(second, file, one, two)
    assert "2 marks out of a segmentation wait for your own pass, by SECRETALGO." in banners(second)
    read(second, file, one, asked=True)
    told = [said for said in banners(second) if "your own pass" in said]
    assert told == ["1 mark out of a segmentation waits for your own pass, by SECRETALGO."]
    read(second, file, two, asked=True)
    assert not [said for said in banners(second) if "your own pass" in said]


def test_a_segment_whose_kind_nobody_chose_is_named_with_what_it_is_typed(
    sitting: Sitting, file: Path
) -> None:
    sitting.open()
    drawn = replace(mask(0, READER, "MANUAL"), label="Segment_1", abnormal=False, kind="Tissue")
    liver = replace(mask(1, READER, "MANUAL"), label="Liver", abnormal=False, kind="Liver")
    read(sitting, file, drawn, liver, asked=True)
    (told,) = [b.notice for b in sitting.window.banners.shown if b.notice.place == BANNER]
    assert told.sentence == "Typed as no finding, so not shown: Segment_1 (Tissue), Liver."
    assert told.remedy.startswith("If one is a finding, give it such a type")
