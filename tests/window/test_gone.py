"""Studies that no longer lie where they were seen never stop the turn through the list."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from tests.window.conftest import CTRL, SHIFT, Sitting
from tests.window.test_studies import KNOWN, on_desk, open_folder, rows, study
from viewer.desk.gone import lies_there
from viewer.dicom.io_messages import Look
from viewer.notices import BANNER

Key = Qt.Key


def told(sitting: Sitting) -> list[str]:
    """What the banners say now."""
    return [f"{b.notice.sentence} {b.notice.remedy}" for b in sitting.window.banners.shown]


def next_one(sitting: Sitting, number: int, path: str) -> None:
    """The next study that waits is asked for, and lies there."""
    sitting.key(Key.Key_Right, CTRL)
    assert Path(sitting.jobs.asked(Look).path) == Path(path).absolute()
    sitting.children.find(study(number), path=Path(path).absolute())
    sitting.children.load()
    assert on_desk(sitting) == f"{number}.9"


def test_a_path_that_holds_nothing_is_known(tmp_path: Path) -> None:
    assert lies_there(tmp_path) and not lies_there(tmp_path / "gone")


def test_the_next_study_passes_over_one_that_is_gone_and_says_so_once(sitting: Sitting) -> None:
    open_folder(sitting, "first", study(1))
    open_folder(sitting, "gone", study(2, "Wang^Wei", date="20200304"))
    open_folder(sitting, "third", study(3))
    next_one(sitting, 1, "first")
    (banner,) = told(sitting)
    assert "Wei" in banner and "2020-03-04" in banner and str(Path("gone").absolute()) in banner
    assert "Open it from its new place, or take it off the list" in banner
    next_one(sitting, 3, "third")
    assert not told(sitting), "it is told of once"


def test_from_the_start_page_too_and_all_gone_is_said(sitting: Sitting) -> None:
    open_folder(sitting, "gone", study(1), study(2))
    open_folder(sitting, "other", study(3))
    for _ in range(2):
        sitting.key(Key.Key_Right, CTRL)
        assert on_desk(sitting) == "3.9" and "2 studies not found" in told(sitting)[0]
    assert sitting.jobs.running("open") is None, "nothing is looked for in vain"


def test_a_study_taken_off_the_list_comes_back_when_it_is_opened(sitting: Sitting) -> None:
    open_folder(sitting, "gone", study(1))
    open_folder(sitting, "other", study(3))
    sitting.key(Key.Key_Right, CTRL)
    (banner,) = sitting.window.banners.shown
    (button,) = banner.buttons
    button.click()
    assert not rows(sitting, KNOWN) and not told(sitting)
    sitting.key(Key.Key_Right, CTRL)
    assert sitting.said == "No other study waits."
    assert sitting.desk.library.known()[-1].study_uid == "1.9", "its names are not lost"
    open_folder(sitting, "here", study(1))
    assert {k.series.study_uid for k in sitting.desk.shelf.studies} == {"1.9", "3.9"}


def test_the_last_study_that_is_gone_is_told_with_what_to_do(sitting: Sitting) -> None:
    open_folder(sitting, "gone", study(1))
    sitting.key(Key.Key_L, CTRL | SHIFT)
    assert sitting.notices[-1].place == BANNER
    assert "Not found where it last lay: Doe, Jane, 2000-01-02" in told(sitting)[0]
    assert "take it off the list" in told(sitting)[0]


def test_hidden_names_are_not_told_there_either(sitting: Sitting) -> None:
    open_folder(sitting, "gone", study(1))
    open_folder(sitting, "other", study(3))
    sitting.key(Key.Key_H, CTRL)
    sitting.key(Key.Key_Right, CTRL)
    assert "Doe" not in told(sitting)[0] and str(Path("gone").absolute()) not in told(sitting)[0]


def test_a_study_that_does_not_open_waits_behind_the_others(sitting: Sitting) -> None:
    open_folder(sitting, "one", study(1))
    open_folder(sitting, "two", study(2))
    open_folder(sitting, "three", study(3))
    sitting.key(Key.Key_Right, CTRL)
    asked = Path(sitting.jobs.asked(Look).path).name
    sitting.children.find(study(8), path=Path(asked))  # it lies there no longer
    assert sitting.said == f"{asked} no longer holds this study."
    sitting.key(Key.Key_Right, CTRL)
    assert Path(sitting.jobs.asked(Look).path).name not in (asked, "three")
