"""K keeps the image of the active pane, and once more it is no key image; the page goes there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel

from tests.window.conftest import CTRL, Sitting
from viewer.actions import name_of
from viewer.dicom.io_messages import Export
from viewer.panels.buttons import Button
from viewer.panels.key_images import KeyCard
from viewer.panels.topbar import MORE
from viewer.reading.events import KeyImageKept
from viewer.reading.report.text import report_text
from viewer.views.slab import MIP, Slab
from viewer.views.state import Window

Key = Qt.Key


def kept(sitting: Sitting) -> tuple[KeyImageKept, ...]:
    assert sitting.desk.reading is not None
    return sitting.desk.reading.key_images


def test_the_image_is_kept_as_it_is_seen_with_the_finding_on_it(read: Sitting) -> None:
    read.desk.select("b")
    read.window.panes.set_window(Window(400, 40))
    read.key(Key.Key_K)
    (image,) = kept(read)
    finding = read.desk.current_finding
    assert finding is not None and image.finding == "b"
    assert (image.plane, image.slice_index) == ("axial", finding.slice_index)
    assert (image.window_width, image.window_level, image.invert) == (400, 40, False)
    view = read.window.panes.views["axial"].view()
    assert image.wide_mm == pytest.approx(view.width_px * view.mm_per_px)
    assert image.centre_lps == pytest.approx(view.centre_lps)
    assert read.said == "Kept as key image 1."


def test_once_more_it_is_none_any_more_and_undo_brings_it_back(read: Sitting) -> None:
    read.key(Key.Key_K)
    read.key(Key.Key_K)
    assert kept(read) == () and read.said == "No key image any more."
    read.key(Key.Key_Z, CTRL)
    assert len(kept(read)) == 1
    read.key(Key.Key_Z, CTRL)
    assert kept(read) == ()


def test_another_slice_or_plane_is_another_image(read: Sitting) -> None:
    read.key(Key.Key_K)
    read.key(Key.Key_Down)
    read.key(Key.Key_K)
    read.window.panes.activate("coronal")
    read.key(Key.Key_K)
    assert [image.plane for image in kept(read)] == ["axial", "axial", "coronal"]
    read.key(Key.Key_K)
    assert [image.plane for image in kept(read)] == ["axial", "axial"]


def test_zoom_and_window_do_not_make_it_another_image(read: Sitting) -> None:
    read.key(Key.Key_K)
    read.window.panes.zoom(2.0)
    read.key(Key.Key_2)
    read.key(Key.Key_K)
    assert kept(read) == ()


def test_a_slab_is_another_image_than_a_thin_slice_and_comes_back_as_thick(read: Sitting) -> None:
    read.key(Key.Key_K)
    read.window.panes.set_slab(Slab(MIP, 10.0))
    read.key(Key.Key_K)
    assert [(image.slab, image.slab_mm) for image in kept(read)] == [("", 0.0), ("max", 10.0)]
    read.window.key_images.go_to(kept(read)[0])
    assert not read.window.panes.state.slab.on
    read.window.key_images.go_to(kept(read)[1])
    assert read.window.panes.state.slab == Slab(MIP, 10.0)


def test_a_turned_plane_is_oblique_in_the_report(read: Sitting) -> None:
    panes = read.window.panes
    panes.set_planes(panes.state.planes.turned("axial", 0.4))
    panes.activate("coronal")
    read.key(Key.Key_K)
    (image,) = kept(read)
    assert image.plane == "coronal" and abs(image.right[1]) > 0.3
    content = read.desk.out.content()
    assert content is not None and content.key_images[0].plane == "oblique"


def test_a_kept_image_wears_a_sign_and_no_other_does(read: Sitting) -> None:
    view = read.window.panes.views["axial"]
    before = view.grab().toImage()
    read.key(Key.Key_K)
    assert view.grab().toImage() != before
    read.key(Key.Key_K)
    assert view.grab().toImage() == before


def test_without_a_study_nothing_is_kept_and_it_is_said(sitting: Sitting) -> None:
    sitting.key(Key.Key_K)
    assert sitting.said == "No study is open. Ctrl+O opens one."


def test_the_page_lists_them_goes_there_and_takes_them_back(read: Sitting) -> None:
    page = read.window.pages.key_images
    read.key(Key.Key_K, CTRL)
    assert "No image is kept yet" in " ".join(one.text() for one in page.findChildren(QLabel))
    read.desk.select("c")
    read.key(Key.Key_K)
    there = kept(read)[0]
    read.window.panes.scroll(9)
    read.window.panes.activate("sagittal")
    read.window.panes.set_window(Window(2000, 300))
    (card,) = page.findChildren(KeyCard)
    read.click(card, card.rect().topLeft() + card.rect().center() / 4)
    panes = read.window.panes
    assert panes.active == "axial" and panes.state.window == Window(1500, -600)
    assert panes.views["axial"].view().centre_lps == pytest.approx(there.centre_lps)
    (drop,) = card.findChildren(Button)
    read.click(drop)
    assert kept(read) == ()


def test_they_go_out_with_the_export_and_stand_in_the_preview(read: Sitting) -> None:
    read.key(Key.Key_K)
    content = read.desk.out.content()
    assert content is not None and "KEY IMAGES" in report_text(content)
    read.key(Key.Key_E, CTRL)
    message = read.jobs.asked(Export)
    assert message.request.key_images == kept(read)
    assert {"ko", "pictures"} <= message.request.objects
    assert message.volume is not None, "pictures are drawn from the voxels"


def test_a_key_image_alone_can_go_out(sitting: Sitting) -> None:
    sitting.open()
    step = sitting.window.topbar.steps["export"]
    assert step.toolTip() == "There is nothing to export yet."
    sitting.key(Key.Key_E, CTRL)
    assert sitting.said == "There is nothing to export yet."
    sitting.key(Key.Key_K)
    assert step.toolTip() == ""
    sitting.key(Key.Key_E, CTRL)
    assert sitting.jobs.asked(Export).request.key_images == kept(sitting)


def test_the_images_of_another_reader_are_not_mine(read: Sitting) -> None:
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_K)
    read.desk.set_reader("Somebody Else")
    assert kept(read) == ()
    read.desk.set_reader("Dr Ray")
    assert len(kept(read)) == 1


def test_three_dots_open_a_menu_of_all_that_is_done_once_with_its_keys(read: Sitting) -> None:
    shown = [action for action in read.window.topbar.more.menu_of_more.actions() if action.text()]
    assert [action.text() for action in shown] == [name_of(name) for row in MORE for name in row]
    for action in shown:
        assert action.shortcuts(), f"{action.text()} has no key"
    (page,) = (action for action in shown if action.text() == "Key images")
    assert page.shortcut() == QKeySequence("Ctrl+K")
    page.trigger()
    assert read.window.side.page is read.window.pages.key_images
