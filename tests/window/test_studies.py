"""Studies at hand: the browser, the search, the worklist, the last study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from tests.fakes import chest
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer import theme
from viewer.dicom.io_messages import Look, PictureRead, ReadPicture
from viewer.dicom.series import Patient, Series
from viewer.panels.start import StartPage
from viewer.panels.study_rows import KNOWN, SERIES, STUDY, StudyEntry
from viewer.panels.study_words import matches
from viewer.reading.library import series_key
from viewer.views.slice_view import SliceView

Key = Qt.Key


def study(number: int, name: str = "Doe^Jane", *, date: str = "20000102") -> Series:
    return replace(
        chest(f"{number}.1"), study_uid=f"{number}.9", study_date=date,
        patient=Patient(name=name, id=f"P{number}"),
    )  # fmt: skip


def open_folder(sitting: Sitting, path: str, *found: Series) -> None:
    sitting.desk.open(Path(path))
    sitting.children.find(*found, path=Path(path))
    sitting.children.load()


def rows(sitting: Sitting, *kinds: str) -> list[StudyEntry]:
    every = sitting.window.studies.model.entries
    return [entry for entry in every if entry.kind in kinds]


@pytest.fixture
def three(sitting: Sitting) -> Sitting:
    """Three studies in a folder, the first one on the desk."""
    open_folder(sitting, "many", study(1), study(2, "Wang^XiaoDong=王^小东"), study(3))
    return sitting


def on_desk(sitting: Sitting) -> str:
    assert sitting.desk.scan is not None
    return sitting.desk.scan.series.study_uid


def test_each_study_of_a_folder_has_a_head_of_its_own(three: Sitting) -> None:
    kinds = [(entry.kind, entry.title) for entry in rows(three, STUDY, SERIES)]
    assert kinds == [
        (STUDY, "Doe, Jane"), (SERIES, "Axial 2 mm"),
        (STUDY, "王小东 (Wang XiaoDong)"), (SERIES, "Axial 2 mm"),
        (STUDY, "Doe, Jane"), (SERIES, "Axial 2 mm"),
    ]  # fmt: skip
    captions = [entry.caption for entry in rows(three, STUDY)]
    assert captions == [f"{number} · 2000-01-02 · Chest CT" for number in ("P1", "P2", "P3")]


def test_heads_of_long_names_are_whole_beside_their_state_and_never_look_alike(
    sitting: Sitting,
) -> None:
    names = ["LIDC-IDRI-0003", "LIDC-IDRI-0007", *(f"{'X' * 40}{n}{'Y' * 40}" for n in (1, 2))]
    open_folder(sitting, "many", *(study(n, name) for n, name in enumerate(names, 1)))
    studies = sitting.window.studies
    heads = [studies.rows.shown(entry, theme.number("size.browser")) for entry in
             rows(sitting, STUDY)]  # fmt: skip
    titles = [title for title, _ in heads]
    assert titles[:2] == names[:2], "the state takes nothing from a name"
    assert len(set(titles)) == 4 and "1" in titles[2] and "2" in titles[3]
    assert all(below.startswith("P") and "2000-01-02" in below for _, below in heads)


def test_two_scans_of_one_patient_and_day_tell_their_time_open_or_seen_before(
    sitting: Sitting,
) -> None:
    """Open in one folder, and in the list when another folder is open; at rest always."""
    early, late = (replace(study(1), study_time=time) for time in ("080000", "143000.00"))
    late = replace(late, uid="2.1", study_uid="2.9")
    open_folder(sitting, "day", early, late)
    for kind in (STUDY, KNOWN):
        heads = rows(sitting, kind)
        shown = [
            sitting.window.studies.rows.shown(entry, theme.number("size.browser"))[1]
            for entry in heads
        ]
        assert {below[:21] for below in shown} == {
            "P1 · 2000-01-02 08:00", "P1 · 2000-01-02 14:30",
        }  # fmt: skip
        assert sorted("14:30" in entry.tip for entry in heads) == [False, True]
        assert sorted("08:00" in entry.tip for entry in heads) == [False, True]
        open_folder(sitting, "other", study(7))


def test_states_are_told_by_the_log(three: Sitting) -> None:
    assert [entry.state for entry in rows(three, STUDY)] == ["unread"] * 3
    three.lungs()
    assert [entry.state for entry in rows(three, STUDY)] == ["in work", "unread", "unread"]
    three.key(Key.Key_S, CTRL | SHIFT)
    assert [entry.state for entry in rows(three, STUDY)] == ["done", "unread", "unread"]
    three.key(Key.Key_Right, CTRL)
    three.children.load()
    assert on_desk(three) == "2.9"
    assert [entry.state for entry in rows(three, STUDY)] == ["done", "unread", "unread"]
    three.desk.set_reader("Reader B")
    assert [entry.state for entry in rows(three, STUDY)] == ["unread"] * 3, "for another reader"


def test_the_next_study_is_one_that_waits_and_round_again(three: Sitting) -> None:
    seen = []
    for _ in range(3):
        three.key(Key.Key_S, CTRL | SHIFT)
        seen.append(on_desk(three))
        three.key(Key.Key_Right, CTRL)
        three.children.load()
    assert sorted(seen) == ["1.9", "2.9", "3.9"]
    assert three.said == "No other study waits."


def test_the_next_study_may_lie_elsewhere_and_only_that_one_is_opened(three: Sitting) -> None:
    open_folder(three, "other", study(7))
    three.key(Key.Key_Right, CTRL)
    look = three.jobs.asked(Look)
    assert Path(look.path) == Path("many").absolute()
    three.children.find(study(1), study(2), study(3), path=Path("many"))
    three.children.load()
    assert on_desk(three) in ("1.9", "2.9", "3.9")


def test_a_study_that_is_gone_from_its_place_is_not_taken_for_another(three: Sitting) -> None:
    open_folder(three, "other", study(7))
    three.key(Key.Key_B, CTRL)
    three.window.studies.list.doItemsLayout()
    known = rows(three, KNOWN)
    assert [entry.caption[:2] for entry in known] == ["P1", "P2", "P3"]
    place = three.window.studies.model.entries.index(known[1])
    three.click_entry(three.window.studies.list, place)
    three.children.find(study(8), path=Path("many"))
    assert three.said == "many no longer holds this study."
    assert on_desk(three) == "7.9"


def test_studies_seen_before_tell_thickness_images_and_keep_their_picture(three: Sitting) -> None:
    open_folder(three, "other", study(7))
    (first, *_) = rows(three, KNOWN)
    assert first.caption == "P1 · 2000-01-02 · Thin\n2 mm · 40 images"
    key = series_key("1.1")
    assert key in three.window.studies.pictures
    assert three.desk.library.picture_of(key).startswith(b"\x89PNG")


def test_opening_a_study_does_not_move_it_in_the_list(three: Sitting) -> None:
    before = [known.series.study_uid for known in three.desk.shelf.studies]
    three.key(Key.Key_Right, CTRL)
    three.children.load()
    assert [known.series.study_uid for known in three.desk.shelf.studies] == before


@pytest.mark.parametrize("typed", ["wang", "xiaodong wang", "王", "小东", "P2"])
def test_a_study_is_found_by_either_half_of_the_name(three: Sitting, typed: str) -> None:
    open_folder(three, "other", study(7))
    three.key(Key.Key_F, CTRL | SHIFT)
    field = three.window.studies.search
    assert QApplication.focusWidget() is field and not three.window.studies.folded
    field.setText(typed)
    found = three.window.studies.model.entries
    assert [entry.title for entry in found] == ["王小东 (Wang XiaoDong)"]
    three.key(Key.Key_Return)
    assert Path(three.jobs.asked(Look).path) == Path("many").absolute()
    assert isinstance(QApplication.focusWidget(), SliceView)
    assert not field.isVisible()


def test_letters_type_in_the_search_and_escape_brings_all_back(three: Sitting) -> None:
    three.key(Key.Key_F, CTRL | SHIFT)
    QTest.keyClicks(three.window.studies.search, "zzz")
    assert not three.window.studies.model.entries
    three.key(Key.Key_Escape)
    assert len(rows(three, STUDY)) == 3
    assert isinstance(QApplication.focusWidget(), SliceView)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("", True), ("2000-01", True), ("p1", True), ("chest", True), ("doe jane", True),
     ("smith", False)],
)  # fmt: skip
def test_date_number_and_description_are_searched_too(typed: str, found: bool) -> None:
    assert matches(typed, "Doe^Jane", "P1", "20000102", "Chest CT") is found


def test_the_start_page_offers_the_last_study(three: Sitting) -> None:
    page = StartPage(three.desk, three.window.actions_by_id, three.window.keys_by_id)
    assert page.last.isVisibleTo(page)
    page.last.click()
    assert Path(three.jobs.asked(Look).path) == Path("many").absolute()
    page.deleteLater()


def test_a_new_machine_offers_no_last_study(sitting: Sitting) -> None:
    assert not sitting.window.start.last.isVisible()
    sitting.key(Key.Key_L, CTRL | SHIFT)
    assert "No study was opened here yet" in sitting.said
    sitting.key(Key.Key_Right, CTRL)
    assert sitting.said == "No other study waits."


def test_a_search_without_a_hit_says_so_and_not_that_nothing_is_there(three: Sitting) -> None:
    three.key(Key.Key_F, CTRL | SHIFT)
    QTest.keyClicks(three.window.studies.search, "zzz")
    shown = three.window.studies.empty
    assert shown.isVisible() and shown._head.text() == "No study found"
    three.key(Key.Key_Escape)
    assert not shown.isVisible()


def test_what_has_no_room_in_a_row_is_told_when_the_pointer_rests(three: Sitting) -> None:
    odd = replace(study(4), warnings=("Something is odd.",), description="Thin lung 1 mm")
    open_folder(three, "other", odd)
    heads = {entry.title: entry.tip for entry in rows(three, STUDY, KNOWN)}
    assert heads["王小东 (Wang XiaoDong)"].startswith(
        "Wang XiaoDong · 王小东 · P2\n2000-01-02 · Thin\n2 mm"
    )
    (series,) = rows(three, SERIES)
    assert series.tip == f"Series {odd.number} · Thin lung 1 mm\nSomething is odd."


def test_what_was_told_of_one_scan_does_not_stay_over_the_next(three: Sitting) -> None:
    three.lungs()
    assert three.window.toast.isVisible()
    three.key(Key.Key_Right, CTRL)
    assert not three.window.toast.isVisible()


def test_a_name_made_of_markup_is_shown_as_it_stands(sitting: Sitting) -> None:
    open_folder(sitting, "odd", study(1, "<i>Doe</i>^Jane"))
    model = sitting.window.studies.model
    tip = model.data(model.index(0), Qt.ItemDataRole.ToolTipRole)
    assert "&lt;i&gt;Doe" in tip and "<i>" not in tip


def test_of_two_paths_opened_together_each_study_is_found_again_where_it_lies(
    sitting: Sitting,
) -> None:
    def at(root: str, number: int) -> Series:
        made = study(number)
        piece = replace(made.slices[0], path=Path(root) / "1.dcm")
        return replace(made, slices=(piece, *made.slices[1:]))

    only = (Path("/c/thin"), Path("/d/thick"))
    sitting.desk.open(only[0], only=only)
    sitting.children.find(at("/c/thin", 1), at("/d/thick", 2), path=only[0])
    sitting.children.load()
    lies = {known.series.study_uid: known.series.path for known in sitting.desk.shelf.studies}
    assert lies == {"1.9": Path("/c/thin"), "2.9": Path("/d/thick")}


def test_whose_a_hit_of_a_search_is_stands_over_it(three: Sitting) -> None:
    three.key(Key.Key_F, CTRL | SHIFT)
    three.window.studies.search.setText("王")
    found = three.window.studies.model.entries
    assert [entry.kind for entry in found] == [STUDY, SERIES]
    assert found[0].title == "王小东 (Wang XiaoDong)" and found[0].caption.startswith("P2")


def test_a_name_that_is_hidden_on_the_panes_is_hidden_in_the_browser(three: Sitting) -> None:
    three.key(Key.Key_H, CTRL)
    for entry in rows(three, STUDY):
        told = f"{entry.title} {entry.caption} {entry.tip}"
        assert not [word for word in ("Doe", "Wang", "王", "P1", "P2") if word in told]
    three.key(Key.Key_H, CTRL)
    assert rows(three, STUDY)[0].title == "Doe, Jane"


def test_a_patient_without_a_name_is_told_by_number(sitting: Sitting) -> None:
    open_folder(sitting, "one", replace(study(1), patient=Patient(id="LIDC-1")))
    (head,) = rows(sitting, STUDY)
    assert (head.title, head.caption) == ("LIDC-1", "2000-01-02 · Chest CT")


def test_the_next_study_stays_within_a_search(three: Sitting) -> None:
    three.key(Key.Key_F, CTRL | SHIFT)
    three.window.studies.search.setText("Doe")
    three.window.focus_panes()
    seen = []
    for _ in range(2):
        seen.append(on_desk(three))
        three.key(Key.Key_Right, CTRL)
        three.children.load()
    assert sorted(seen) == ["1.9", "3.9"] and on_desk(three) == "1.9"
    three.window.studies.search.setText("P1")
    three.key(Key.Key_Right, CTRL)
    assert on_desk(three) == "1.9"
    assert three.said == "No other study of this search waits. Esc in the search shows all."


def test_a_search_ends_when_the_browser_is_folded(three: Sitting) -> None:
    three.key(Key.Key_F, CTRL | SHIFT)
    three.window.studies.search.setText("P1")
    three.window.focus_panes()
    three.key(Key.Key_B, CTRL)
    assert three.window.studies.folded and not three.window.studies.search.text()
    three.key(Key.Key_Right, CTRL)
    three.children.load()
    assert on_desk(three) != "1.9"


def test_series_that_were_not_opened_get_a_picture_one_after_the_other(three: Sitting) -> None:
    pictures = three.window.studies.pictures
    assert "1.1" in pictures and "2.1" not in pictures
    for uid in ("2.1", "3.1"):
        wish = three.jobs.asked(ReadPicture)
        assert wish.series.uid == uid
        geometry = Geometry.axial((1, 9, 9), spacing_kji_mm=(18.0, 2.0, 2.0))
        volume = Volume(geometry, np.zeros((1, 9, 9), np.int16))
        three.jobs.say(PictureRead(wish.job, volume))
        assert uid in pictures
        assert three.desk.library.picture_of(series_key(uid)).startswith(b"\x89PNG")
    assert three.jobs.running("picture") is None


def test_a_picture_that_cannot_be_had_is_no_trouble_and_a_study_that_is_opened_comes_first(
    three: Sitting,
) -> None:
    wish = three.jobs.asked(ReadPicture)
    three.desk.open(Path("other"))
    three.children.fail(ReadPicture, "The disk is gone.")
    assert three.jobs.asked(ReadPicture) is wish, "none while a study is being opened"
    assert not three.window.strip.isVisible() and "disk" not in three.said
    three.children.find(study(7), path=Path("other"))
    three.children.load()
    assert three.jobs.asked(ReadPicture) is wish, "the study that is left needs none"


def test_a_head_that_is_only_counted_says_why_at_rest(sitting: Sitting) -> None:
    """Two scans of one patient and day, where their time has no room."""
    same = replace(study(1), study_time="080000")
    other = replace(same, uid="2.1", study_uid="2.9", study_time="080001")
    open_folder(sitting, "day", same, other)
    studies = sitting.window.studies
    for wide, counted in ((theme.number("size.browser"), False), (120.0, True)):
        for n, entry in zip((2, 1), rows(sitting, STUDY), strict=True):  # the last seen on top
            tip = studies.rows.tip(entry, wide)
            assert tip.startswith(entry.tip)
            assert (f"#{n}: another study looks the same" in tip) == counted
            assert ("#" in "".join(studies.rows.shown(entry, wide))) == counted


def test_the_rank_of_a_study_stays_when_another_one_is_opened(sitting: Sitting) -> None:
    """Two studies lie apart: each is at the top while it is open."""

    def ranked() -> list[str]:
        heads = [entry for entry in rows(sitting, STUDY, KNOWN) if entry.told is not None]
        heads.sort(key=lambda entry: entry.told.rank if entry.told is not None else 0)
        return [entry.caption[:2] for entry in heads]

    for path, number in (("early", 1), ("late", 2), ("early", 1)):
        open_folder(sitting, path, study(number))
        assert rows(sitting, STUDY, KNOWN)[0].caption.startswith(f"P{number}")
        assert ranked() == sorted(ranked())
    assert ranked() == ["P1", "P2"]
