"""Which lung the window really showed: counted from its panes, kept in the log, offered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.fakes import CANDIDATES, Children, FakeJobs
from tests.window.conftest import CTRL, Sitting
from viewer.coverage.rules import rules
from viewer.desk.desk import Desk
from viewer.dicom.io_messages import Export
from viewer.ending import end
from viewer.home import home
from viewer.reading.events import CoverageNoted
from viewer.reading.library import Library
from viewer.reading.store import Store
from viewer.views.planes import PLANES, stack_of
from viewer.views.slab import Slab
from viewer.views.state import Window
from viewer.window.window import HilumWindow


class Clock:
    """Time as the test tells it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(sitting: Sitting) -> Clock:
    made = Clock()
    sitting.window.watching._clock = made
    sitting.window.watching._timer.setInterval(10**6)  # counts when it is told to
    return made


def look_through(at: Sitting, clock: Clock, seconds: float, *, step: int = 1) -> None:
    """Every slice from the first to the last, so long on each."""
    panes = at.window.panes
    panes.to_end(False, "axial")
    depth = panes.volume.geometry.shape_kji[0] if panes.volume else 0
    for _ in range(0, depth, step):
        panes.views["axial"].repaint()
        clock.now += seconds
        panes.scroll(step, "axial")
    panes.views["axial"].repaint()
    at.window.watching.count()


def zoom_in(at: Sitting) -> None:
    """Fine enough to count, the whole scan still in sight."""
    camera = at.window.panes.views["axial"].camera
    camera.mm_per_px = rules().mm_per_px / 2


def only_axial(at: Sitting) -> None:
    at.window.panes.maximise("axial")


def noted(at: Sitting) -> list[CoverageNoted]:
    assert at.desk.reading is not None
    return [r.event for r in at.desk.reading.history if isinstance(r.event, CoverageNoted)]


def test_nothing_is_told_before_there_are_lungs(sitting: Sitting, clock: Clock) -> None:
    sitting.open()
    assert sitting.window.watching.whole() is None
    assert sitting.window.findings.coverage_row.isHidden()


def test_a_slow_look_through_all_slices_before_the_lungs_were_there_counts(
    sitting: Sitting, clock: Clock
) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    look_through(sitting, clock, 0.2)
    sitting.lungs()
    assert sitting.window.watching.whole() == 1
    assert sitting.window.watching.unseen() == ()


def test_what_one_reader_saw_is_not_what_the_next_one_saw(sitting: Sitting, clock: Clock) -> None:
    sitting.desk.set_reader("Dr Ray")
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.lungs()
    look_through(sitting, clock, 0.2)
    assert sitting.window.watching.whole() == 1
    sitting.desk.set_reader("Dr New")
    sitting.lungs()
    assert sitting.window.watching.whole() == 0
    sitting.desk.set_reader("Dr Ray")
    assert sitting.window.watching.whole() == 1, "it comes back from the log"


def test_slices_that_fly_by_are_not_seen(sitting: Sitting, clock: Clock) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    look_through(sitting, clock, 0.01)
    sitting.lungs()
    whole = sitting.window.watching.whole()
    assert whole is not None and whole < 0.2


def test_a_soft_window_shows_no_lung(sitting: Sitting, clock: Clock) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.window.panes.set_window(Window(400, 40))
    look_through(sitting, clock, 0.5)
    sitting.lungs()
    assert sitting.window.watching.whole() == 0


def test_a_slab_shows_every_slice_in_it(sitting: Sitting, clock: Clock) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.lungs()
    panes = sitting.window.panes
    panes.set_slab(Slab("mip", 8.0))
    step = stack_of(panes.volume.geometry, PLANES["axial"]).step_mm  # type: ignore[union-attr]
    look_through(sitting, clock, 0.2, step=max(1, int(8.0 / step)))
    assert step < 8.0 and sitting.window.watching.whole() == 1


def test_what_was_not_seen_is_offered_and_one_key_goes_there(
    sitting: Sitting, clock: Clock
) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.lungs()
    look_through(sitting, clock, 0.2, step=4)
    row = sitting.window.findings.coverage_row
    assert not row.isHidden() and "%" in row.text.text()
    place = sitting.window.watching.unseen()[0]
    sitting.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert sitting.window.panes.state.crosshair_lps == pytest.approx(place.lps, abs=1e-3)


def test_the_log_hears_of_it_when_the_reading_is_left_and_it_comes_back(
    sitting: Sitting, clock: Clock
) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.lungs()
    look_through(sitting, clock, 0.2)
    sitting.open()  # leaves the reading and comes back to it
    assert noted(sitting)[-1].right == 1 and noted(sitting)[-1].left == 1
    assert sitting.window.watching.whole() == 1
    times = len(noted(sitting))
    sitting.open()
    assert len(noted(sitting)) == times  # nothing new, nothing told


def test_a_window_that_is_killed_loses_five_seconds_of_looking_at_most(
    sitting: Sitting, clock: Clock
) -> None:
    """Without a row of the log for each few of them."""
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.lungs()
    watching = sitting.window.watching
    look_through(sitting, clock, 0.2)
    clock.now += 4.0
    watching.count()
    assert watching.whole() == 1 and not noted(sitting)
    assert watching._since is not None
    watching._since.wait()
    store, library, jobs = Store(home() / "readings.sqlite"), Library(), FakeJobs()
    window = HilumWindow(Desk(store, library, jobs))
    after = Sitting(window, window.desk, jobs, Children(jobs))
    after.open()
    assert window.watching.whole() == 1
    after.desk.sign()
    assert noted(after)[-1].right == 1, "the log has it now"
    assert list((home() / "seen").iterdir()) == []
    window.close()
    end(window, after.desk, jobs)
    store.close()
    library.close()


def test_what_was_seen_is_in_a_file_only_until_the_log_has_it(
    sitting: Sitting, clock: Clock
) -> None:
    sitting.open()
    zoom_in(sitting)
    look_through(sitting, clock, 0.2)
    assert not (home() / "seen").exists(), "it was only looked at"
    sitting.lungs()
    sitting.window.watching.count()
    assert sitting.window.watching._since is not None
    sitting.window.watching._since.wait()
    assert len(list((home() / "seen").iterdir())) == 1
    sitting.open()
    assert noted(sitting) and list((home() / "seen").iterdir()) == []


def test_a_study_that_was_only_looked_at_leaves_no_reading(sitting: Sitting, clock: Clock) -> None:
    sitting.open()
    zoom_in(sitting)
    look_through(sitting, clock, 0.2)
    sitting.window.watching.note()
    assert sitting.desk.reading is not None and not sitting.desk.reading.history


def test_the_map_tells_both_lungs_and_the_way_to_the_rest(sitting: Sitting, clock: Clock) -> None:
    sitting.open()
    page = sitting.window.pages.coverage
    sitting.window.pages.show(page)
    assert "Segment the lungs" in page.lungs.text()
    sitting.lungs()
    page.shown()
    assert page.figures.text().startswith("0 %")
    assert page.go.isEnabled()
    assert all(picture._ghost is not None for picture in page.pictures)


def test_what_was_not_seen_is_offered_where_a_reading_is_signed_and_where_it_went_out(
    sitting: Sitting, clock: Clock
) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.nodules(*CANDIDATES)
    look_through(sitting, clock, 0.2, step=4)
    whole = sitting.window.watching.whole()
    assert whole is not None and sitting.desk.current is not None, "there is more to judge"
    pages = sitting.window.pages
    for page in (pages.report, pages.passport):
        pages.show(page)
        assert page.coverage.isVisible()
        assert page.coverage.text.text() == f"{100 - int(100 * whole)} % of lung not shown"
        place = sitting.window.watching.unseen()[0]
        sitting.click(page.coverage.go)
        assert sitting.window.panes.state.crosshair_lps == pytest.approx(place.lps, abs=1e-3)
        pages.show(page)


def test_nothing_is_offered_there_once_all_was_seen(sitting: Sitting, clock: Clock) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.lungs()
    look_through(sitting, clock, 0.2)
    sitting.window.pages.show(sitting.window.pages.report)
    assert sitting.window.pages.report.coverage.isHidden()


def test_the_log_holds_what_was_seen_of_each_lung_when_it_was_signed(
    sitting: Sitting, clock: Clock
) -> None:
    """Also where nothing more was seen after the lungs were known."""
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.key(Qt.Key.Key_F5)
    look_through(sitting, clock, 0.2)
    sitting.desk.add_at((0.0, 0.0, 0.0))
    sitting.window.watching.note()
    assert noted(sitting)[-1].right == -1
    sitting.children.lungs()
    sitting.desk.sign()
    assert sitting.desk.reading is not None and sitting.desk.reading.signed
    assert noted(sitting)[-1].right == 1
    kinds = [type(row.event).__name__ for row in sitting.desk.reading.history]
    assert kinds[-2:] == ["CoverageNoted", "Signed"]


def test_a_signature_says_what_was_not_shown_and_offers_the_way_there(
    sitting: Sitting, clock: Clock
) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.lungs()
    look_through(sitting, clock, 0.2, step=4)
    sitting.desk.sign()
    assert "Lung shown: right" in sitting.said
    assert sitting.notices[-1].second == "unseen"


def test_an_export_says_nothing_of_lung_once_all_was_shown(sitting: Sitting, clock: Clock) -> None:
    sitting.open()
    only_axial(sitting)
    zoom_in(sitting)
    sitting.lungs()
    look_through(sitting, clock, 0.2)
    before = len(sitting.notices)
    sitting.key(Qt.Key.Key_E, CTRL)
    assert sitting.jobs.asked(Export) and len(sitting.notices) == before
