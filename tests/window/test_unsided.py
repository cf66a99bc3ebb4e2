"""Lungs of a file that tells no side stand in the window as one, with no figure of a side."""

from __future__ import annotations

import numpy as np

from ai.scan.labelmap import BOTH_LUNGS, LabelMap, MadeBy
from tests.window.conftest import Sitting
from viewer.desk.segs import lungs_event
from viewer.reading.report.text import report_text
from viewer.window.keys import SEGMENTS

BY_HAND = MadeBy("reader", "")


def lay(sitting: Sitting, by: MadeBy = BY_HAND) -> None:
    """Both lungs of the open scan as one mask."""
    scan = sitting.desk.scan
    assert scan is not None
    labels = np.where(scan.volume.hu < -500, BOTH_LUNGS.number, 0).astype(np.uint8)
    lungs = LabelMap(scan.volume.geometry, labels, (BOTH_LUNGS,), by)
    assert sitting.desk.record(lungs_event(scan.volume, lungs))


def test_one_row_is_told_and_it_is_the_one_that_editing_means(read: Sitting) -> None:
    lay(read)
    panel = read.window.segments
    shown = {row.segment.number for row in panel.segment_rows if not row.isHidden()}
    assert shown == {BOTH_LUNGS.number} and panel.chosen == BOTH_LUNGS.number
    panel.grab()
    reading = read.desk.reading
    assert reading is not None
    assert [figures.number for figures in reading.lung_figures] == [BOTH_LUNGS.number]


def test_no_side_is_said_to_have_been_seen(read: Sitting) -> None:
    lay(read)
    assert read.window.watching.shares() is None
    assert read.window.watching.whole() is not None
    read.window.pages.show(read.window.pages.coverage)
    assert "no sides" in read.window.pages.coverage.lungs.text()


def test_the_report_names_neither_side(read: Sitting) -> None:
    lay(read)
    content = read.desk.out.content()
    assert content is not None
    assert [line.side for line in content.lungs] == ["both"]
    assert "Lungs, side not told: " in report_text(content)


def test_the_one_row_has_room_beside_the_other_figures_and_no_column_is_of_a_side(
    read: Sitting,
) -> None:
    panel = read.window.segments
    read.window.side.open(SEGMENTS)
    sided = panel.segment_rows[0].minimumSizeHint().width()
    assert all(cell.isVisible() for row in panel.density.cells for cell in row)
    lay(read)
    (one,) = (row for row in panel.segment_rows if not row.isHidden())
    panel.grab()
    assert one.minimumSizeHint().width() <= panel.width() and sided <= panel.width()
    assert one.geometry().right() <= panel.width()
    shown = [[cell.isVisible() for cell in row] for row in panel.density.cells]
    assert all(cells == [False, False, True] for cells in shown)
    read.lungs()
    assert all(cell.isVisible() for row in panel.density.cells for cell in row)


def test_of_a_foreign_programs_lungs_no_model_is_said_to_have_given_no_warning(
    read: Sitting,
) -> None:
    lay(read, MadeBy("Lobe tool", ""))
    panel = read.window.segments
    assert panel._checks.text().startswith("They came with a file")
    assert panel._made_by.text() == "Program Lobe tool"
    lay(read, MadeBy("lungs-classical", "1.0"))
    assert panel._checks.text() == "The model gave no warning."
