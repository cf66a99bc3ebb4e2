"""A study that is opened again shows the series that was open, at the place where it was left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from ai.scan.geometry import Geometry
from tests.fakes import CANDIDATES, Children, FakeJobs, chest
from tests.flows.desks import until
from tests.window.conftest import Sitting
from viewer.desk.desk import Desk
from viewer.dicom.io_messages import Found, Load, Loaded, Look
from viewer.dicom.series import REFUSED, Opened, Series, StoredWindow
from viewer.ending import end
from viewer.home import home
from viewer.notices import Notice
from viewer.panels.buttons import Tool
from viewer.reading.library import Library, series_key
from viewer.reading.store import Store
from viewer.views.state import LUNG_WINDOW, Window
from viewer.window.window import HilumWindow

Key = Qt.Key
THIN, SOFT = chest("1.1"), chest("1.2", description="Soft")
OTHER = replace(chest("2.1"), study_uid="8.8")
FOLDER = Path("study").absolute()


@contextmanager
def another_day() -> Iterator[Sitting]:
    """Another window on the same home."""
    store, library, jobs = Store(home() / "readings.sqlite"), Library(), FakeJobs()
    desk = Desk(store, library, jobs)
    window = HilumWindow(desk)
    window.show()
    notices: list[Notice] = []
    desk.noticed.connect(notices.append)
    yield Sitting(window, desk, jobs, Children(jobs), notices)
    window.close()
    end(window, desk, jobs)
    store.close()
    library.close()


def on_desk(sitting: Sitting) -> Series:
    assert sitting.desk.scan is not None
    return sitting.desk.scan.series


def slice_shown(sitting: Sitting) -> int:
    scan = sitting.desk.scan
    assert scan is not None
    return round(float(scan.volume.geometry.index_of(sitting.window.panes.state.crosshair_lps)[0]))


def leave_on_the_second_series(sitting: Sitting, *, up: int = 7) -> None:
    """Two series open, the second one chosen and scrolled, the hand at rest."""
    sitting.open(THIN, SOFT)
    sitting.key(Key.Key_Right)
    sitting.children.load()
    for _ in range(up):
        sitting.key(Key.Key_Up)
    sitting.window.standing.keep()


def test_open_last_brings_back_the_series_that_was_open_and_its_place(sitting: Sitting) -> None:
    leave_on_the_second_series(sitting)
    left_at = slice_shown(sitting)
    assert on_desk(sitting).uid == "1.2" and left_at == 27
    with another_day() as later:
        later.window.actions_by_id["restore-last"].trigger()
        later.children.find(THIN, SOFT, path=FOLDER)
        assert on_desk(later).uid == "1.2"
        assert later.jobs.asked(Load).first_k == left_at, "what is looked at is read first"
        later.children.load()
        assert slice_shown(later) == left_at


def test_each_series_keeps_a_place_of_its_own(sitting: Sitting) -> None:
    leave_on_the_second_series(sitting)
    sitting.key(Key.Key_Left)
    sitting.children.load()
    assert slice_shown(sitting) == 20, "the first one was never scrolled"
    sitting.key(Key.Key_Home)
    sitting.key(Key.Key_Right)
    sitting.children.load()
    assert slice_shown(sitting) == 27
    sitting.key(Key.Key_Left)
    sitting.children.load()
    assert slice_shown(sitting) == 39


def test_a_study_from_the_list_comes_at_the_series_that_was_read(sitting: Sitting) -> None:
    leave_on_the_second_series(sitting)
    sitting.desk.open(Path("elsewhere"))
    sitting.children.find(OTHER, path=Path("elsewhere"))
    sitting.children.load()
    known = next(k for k in sitting.desk.shelf.studies if k.series.study_uid == "9.9")
    sitting.desk.shelf.open(known.series)
    sitting.children.find(THIN, SOFT, path=FOLDER)
    assert on_desk(sitting).uid == "1.2"


def test_a_folder_opened_by_hand_comes_with_its_usual_series(sitting: Sitting) -> None:
    leave_on_the_second_series(sitting)
    sitting.open(THIN, SOFT)
    assert on_desk(sitting).uid == "1.1"


def test_a_series_that_is_gone_gives_way_to_the_usual_one_of_its_study(sitting: Sitting) -> None:
    leave_on_the_second_series(sitting)
    sitting.window.actions_by_id["restore-last"].trigger()
    sitting.children.find(THIN, path=FOLDER)
    assert on_desk(sitting).uid == "1.1"


def test_an_open_finding_comes_before_the_place(sitting: Sitting) -> None:
    sitting.open(THIN)
    sitting.nodules(*CANDIDATES)
    sitting.key(Key.Key_Home)
    sitting.window.standing.keep()
    with another_day() as later:
        later.window.actions_by_id["restore-last"].trigger()
        later.children.find(THIN, path=FOLDER)
        later.children.load()
        assert later.desk.current is not None
        current = later.desk.current_finding
        assert current is not None and slice_shown(later) == current.slice_index


def test_the_place_is_written_once_the_hand_rests(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    sitting.open(THIN)
    monkeypatch.setattr(sitting.desk.shelf, "keep_place", lambda key, lps: kept.append(key))
    sitting.window.standing._rest.setInterval(20)
    for _ in range(5):
        sitting.key(Key.Key_Down)
    assert kept == []
    until(lambda: kept, "the place is kept", 5)
    assert kept == ["1.1"]


def test_a_place_that_is_no_place_is_passed_by(sitting: Sitting) -> None:
    sitting.desk.library.set_setting(f"place-{series_key('1.1')}", "nowhere at all")
    sitting.open(THIN)
    assert slice_shown(sitting) == 20


@pytest.mark.parametrize(("told", "k"), [((0, 0, 9e6), 39), ((0, 0, -9e6), 0)])
def test_a_place_beyond_the_series_is_its_nearest_end(
    sitting: Sitting, told: tuple[float, float, float], k: int
) -> None:
    sitting.desk.shelf.keep_place("1.1", told)
    sitting.open(THIN)
    assert sitting.jobs.asked(Load).first_k == k


def not_hu(uid: str) -> Series:
    return replace(chest(uid), in_hu=False, window=StoredWindow(800, 300), modality="MR")


def test_values_that_are_no_hu_come_in_their_own_greys_and_the_next_scan_in_the_lungs(
    sitting: Sitting,
) -> None:
    panes = sitting.window.panes
    sitting.open(not_hu("5.1"), THIN)
    assert panes.state.window == Window(800, 300)
    sitting.key(Key.Key_Right)
    sitting.children.load()
    assert panes.state.window == LUNG_WINDOW


def test_a_window_that_the_reader_chose_stays_from_scan_to_scan(sitting: Sitting) -> None:
    sitting.open(THIN, SOFT)
    sitting.key(Key.Key_2)
    sitting.key(Key.Key_Right)
    sitting.children.load()
    assert sitting.window.panes.state.window == Window(400, 40)


def test_no_one_begins_in_a_gap(sitting: Sitting) -> None:
    slices = list(THIN.slices)
    slices[19:22] = [replace(piece, here=False, instance_number=-1) for piece in slices[19:22]]
    sitting.open(replace(THIN, slices=tuple(slices)))
    assert slice_shown(sitting) in (18, 22)
    assert sitting.jobs.asked(Load).first_k == slice_shown(sitting)


def test_a_refusal_says_what_stays_and_gives_way_to_the_next(sitting: Sitting) -> None:
    def refuse(name: str) -> None:
        sitting.desk.open(Path(name))
        refused = Opened(Path(name), REFUSED, (f"Nothing in {name}.",), ())
        sitting.jobs.say(Found(sitting.jobs.asked(Look).job, refused))

    refuse("letters")
    assert sitting.notices[-1].remedy == ""
    sitting.open(THIN)
    assert sitting.window.banners.shown == ()
    refuse("photos")
    refuse("songs")
    (banner,) = sitting.window.banners.in_sight
    assert banner.notice.sentence == "Nothing in songs."
    assert banner.notice.remedy == "songs was not opened; what was on the screen stays."
    assert on_desk(sitting).uid == "1.1"
    (close,) = banner.findChildren(Tool)
    sitting.click(close)
    assert not sitting.window.banners.shown, "what is on the screen is not what was refused"


def test_keys_mean_the_plane_that_was_scanned(sitting: Sitting) -> None:
    panes = sitting.window.panes
    turned = Geometry.axial((40, 64, 64), spacing_kji_mm=(2.0, 2.0, 2.0))
    affine = np.array(turned.affine)
    affine[:3, :3] = affine[:3, [1, 0, 2]] * [1, -1, 1]  # slices run front to back, rows downward
    coronal = replace(chest("6.1"), geometry=replace(turned, affine=affine), axial=False)
    sitting.open(coronal, THIN)
    assert panes.active == "coronal"
    sitting.key(Key.Key_Right)
    sitting.children.load()
    assert panes.active == "axial"
    panes.activate("sagittal")
    sitting.key(Key.Key_Right)
    sitting.children.load()
    assert panes.active == "coronal"


def test_who_has_not_moved_is_not_left_on_a_damaged_slice(sitting: Sitting) -> None:
    sitting.desk.open(Path("study"))
    sitting.children.find(THIN)
    wish = sitting.jobs.asked(Load)
    sitting.jobs.say(Loaded(wish.job, ("Two slices are damaged.",), spoilt=(19, 20)))
    assert slice_shown(sitting) == 21
    sitting.window.standing.keep()
    assert sitting.desk.shelf.place_of(THIN) is None, "nobody has moved yet"


def test_who_has_scrolled_to_a_damaged_slice_stays_there(sitting: Sitting) -> None:
    sitting.desk.open(Path("study"))
    sitting.children.find(THIN)
    wish = sitting.jobs.asked(Load)
    sitting.key(Key.Key_Up)
    here = slice_shown(sitting)
    sitting.jobs.say(Loaded(wish.job, ("A slice is damaged.",), spoilt=(here,)))
    assert slice_shown(sitting) == here != 20
