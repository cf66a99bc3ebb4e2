"""Another language while a study is read: asked for here, and what the eye keeps meanwhile.

The window is built anew in the other language, over the same scan and reading; how they are shown
is carried over here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage

from ai.errors import HilumError
from viewer.editing.tool import EDIT_TOOL
from viewer.jobs import RUNNING
from viewer.keymaps import cap
from viewer.language.spoken import other, speak
from viewer.notices import EXPORT, REFUSED, TOAST, Notice, of_error
from viewer.views.layouts import VOLUME
from viewer.views.planes import AXIAL
from viewer.views.second import Second
from viewer.views.slice_view import SliceView
from viewer.views.state import Lps, ViewState
from viewer.window.half_typed import HalfTyped, half_typed, take_half_typed
from viewer.window.leaving import LEAVING
from viewer.window.returning import Way
from viewer.window.typed import Typing, typing_in

if TYPE_CHECKING:
    from viewer.beside.comparing import Beside
    from viewer.dicom.series import Series
    from viewer.volume.moving import VolumeSight
    from viewer.window.keys import WindowKeys
    from viewer.window.window import HilumWindow

UNHEARD = ("learn", "details", "preview", "picture")
"""Jobs that nobody waits for."""
LARGE = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen


def tr(text: str) -> str:
    return QCoreApplication.translate("Window", text)


def ask_for_language(window: WindowKeys) -> None:
    """F8: the other language, for good; while work runs that would be lost a sentence says so."""
    desk = window.desk
    running = [j for j in desk.jobs.living if j.state == RUNNING and j.kind not in UNHEARD]
    if running:
        text = tr("Work still runs. Wait for it or stop it with {0}; then change the language.")
        desk.tell(Notice(text.format(cap("cancel"))))
        return
    window.editing.tool.settle()
    if desk.editing.field is not None and desk.editing.field.empty:
        desk.editing.finish()  # says why it cannot end so
        return
    desk.out.settle()
    code = other()
    try:
        desk.library.set_setting("language", code)
    except HilumError as error:
        desk.tell(of_error(error))
    window.language_asked.emit(code)


def change_words(window: HilumWindow, code: str) -> tuple[Notice, ...]:
    """From here on the words are that language's; nothing that the hand was at is lost.

    All that is open ends as Enter, or a click elsewhere, ends it. What is to be told of it, in the
    new words, comes back: this window's toast goes with it.
    """
    QGuiApplication.inputMethod().commit()
    named = window.findings.labelling.settle()  # a kind is known by its name in the old words
    speak(code)
    desk, told = window.desk, list[Notice]()
    desk.noticed.connect(told.append)
    if named:
        desk.own.tell_label()
    window.measuring.hand.settle()
    desk.editing.finish()
    desk.noticed.disconnect(told.append)
    layout = window.layout()
    if layout is not None:
        layout.activate()  # the strip is gone: the panes have their room before they are looked at
    return tuple(notice for notice in told if notice.place == TOAST)


@dataclass(frozen=True)
class Look:
    """What one pane of cuts looks at. size: of the pane, pixels. by_hand: who chose it."""

    centre_lps: Lps
    mm_per_px: float
    size: tuple[int, int]
    by_hand: bool


@dataclass(frozen=True)
class Sight:
    """How a window shows what it shows. page: the name of the page over the tabs, or empty.

    current: the finding that keys mean, or none; measured: the drawing that is selected. looks: of
    panes of cuts, by name. beside: the second series, where one stood
    there, and the family that keys step through; lying: that series itself, where it was whole,
    linking: how it lay, second_in: the panes that showed it. in_3d: what the 3-D pane showed.
    told_of: studies whose prior was told of. active: the pane that keys mean. pictures: small ones
    of series. told: by its banners. typing: the field that letters went to. of_lungs: the page that
    tells why speaks of them. way: back to the study before.
    """

    place: QRect
    held: Qt.WindowState
    state: ViewState
    layout: str
    tab: int
    page: str
    browser_pinned: bool | None
    current: str | None
    beside: tuple[Series, ...] = ()
    lying: Beside | None = None
    linking: Second | None = None
    second_in: tuple[str, ...] = ()
    in_3d: VolumeSight | None = None
    told_of: frozenset[str] = frozenset()
    active: str = AXIAL
    pictures: Mapping[str, QImage] = field(default_factory=dict)
    told: tuple[Notice, ...] = ()
    typing: Typing | None = None
    of_lungs: bool = False
    way: Way = field(default_factory=Way)
    measured: str = ""
    looks: Mapping[str, Look] = field(default_factory=dict)
    panel_open: bool | None = None
    half_typed: HalfTyped = field(default_factory=HalfTyped)


def sight_of(window: HilumWindow) -> Sight:
    """What the next window is to show alike."""
    window.standing.keep()
    pages = vars(window.pages)
    open_page = next((name for name, page in pages.items() if page is window.side.page), "")
    return Sight(
        window.normalGeometry() if window.windowState() & LARGE else window.geometry(),
        window.windowState() & LARGE,
        window.panes.state,
        window.panes.layout_shown.name,
        window.side.current,
        open_page,
        window.browser_pinned,
        window.desk.current,
        beside_of(window),
        linking=window.panes.linking,
        second_in=tuple(name for name, view in window.panes.views.items() if view.of_second),
        told_of=frozenset(window.cuts.priors.told),
        active=_active_in(window),
        pictures=dict(window.studies.pictures),
        told=tuple(banner.notice for banner in window.banners.shown),
        typing=typing_in(window),
        of_lungs=window.pages.why.of_lungs,
        way=window.settled.returning.hand_over(),
        measured=chosen.id if (chosen := window.desk.measuring.selected) is not None else "",
        panel_open=window.cuts.folding.by_hand,
        half_typed=half_typed(window),
        looks={name: _look(view) for name, view in window.panes.views.items() if view.volume},
    )


def _look(view: SliceView) -> Look:
    seen, camera = view.view(), view.camera
    return Look(seen.centre_lps, camera.mm_per_px, (view.width(), view.height()), camera.touched)


def let_go(window: HilumWindow, sight: Sight) -> Sight:
    """The window is to go: what lies beside the first scan, and the process of its 3-D pane, go on
    in the next one, where the first scan does."""
    handed = replace(
        sight, lying=window.cuts.comparing.hand_over(), in_3d=window.volume.hand_over()
    )
    window.cuts.leave()
    window.volume.close()
    return handed


def _active_in(window: HilumWindow) -> str:
    pane = window.volume.pane
    return VOLUME if pane is not None and pane.canvas.active else window.panes.active


def beside_of(window: HilumWindow) -> tuple[Series, ...]:
    """The second series first, then the other series of its study where it is a prior's."""
    comparing = window.cuts.comparing
    series = comparing.series
    return () if series is None else (series, *comparing.family(series))


def take_sight(window: HilumWindow, sight: Sight) -> None:
    """A new window shows things as the one before it did; its study comes later."""
    window.setGeometry(sight.place)
    window.setWindowState(sight.held)
    window.studies.pictures.update(sight.pictures)
    window.cuts.priors.told |= sight.told_of
    window.settled.returning.take_over(sight.way)
    panes, state = window.panes, sight.state
    panes.set_window(state.window)
    panes.set_invert(state.invert)
    panes.set_slab(state.slab)
    panes.set_text_level(state.text_level)
    if state.patient_hidden:
        window.toggle_patient()
    panes.set_show_crosshair(state.show_crosshair)
    if sight.in_3d is not None:
        window.volume.take_over(sight.in_3d)
    window.panes.set_layout(sight.layout)  # what stood beside comes once the study is there
    window.side.open(sight.tab)
    window.pages.why.of_lungs = sight.of_lungs
    if sight.page:
        window.pages.show(getattr(window.pages, sight.page))
    window.browser_pinned = sight.browser_pinned
    window.measure()
    window.cuts.folding.go_on(sight.panel_open)
    scan_opened = window.desk.scan_opened

    def came(_scan: object) -> None:
        scan_opened.disconnect(came)
        QTimer.singleShot(0, window, lambda: _go_back(window, sight))  # once all is announced

    scan_opened.connect(came)


def tell_again(window: HilumWindow, sight: Sight) -> None:
    """What the banners told, in the words of now; one that Hilum cannot say anew stays as it is.
    What was half typed stands in its fields again."""
    desk = window.desk
    take_half_typed(window, sight.half_typed)
    if sight.typing is not None:
        sight.typing.go_on(window)
    else:
        window.focus_panes()
    reading = desk.reading
    for notice in sight.told:
        if notice.about == "series":
            desk.opening.tell_again()
        elif notice.about == EXPORT:
            desk.out.tell_export()
        elif notice.action == "lay-contours":
            desk.opening.tell_contours()
        elif notice.action == "check-next":
            desk.checking.tell_places(notice.place)
        elif notice.action == "show-marks-now":
            desk.segs.tell_again()
        elif notice.about == LEAVING:
            window.leaving.ask_again(notice.action)
        elif notice.action == "sign" and reading is not None:
            desk.out.tell_amending(reading)
        elif not (desk.unsaved is not None and notice.level == REFUSED):  # that is told already
            desk.tell(notice)


def _go_back(window: HilumWindow, sight: Sight) -> None:
    """To the finding and the place where the reader was."""
    if sight.current is not None:
        window.desk.select(sight.current)
    window.panes.set_planes(sight.state.planes)
    window.panes.go_to(sight.state.crosshair_lps)
    if sight.beside:
        window.cuts.priors.take_family(sight.beside[1:])
    if sight.lying is not None and sight.linking is not None:
        window.cuts.comparing.take_over(sight.lying)
        window.panes.link_as(sight.linking, sight.second_in)
    for name, look in sight.looks.items():
        view = window.panes.views.get(name)
        if view is not None and (look.by_hand or look.size == (view.width(), view.height())):
            view.follow(look.centre_lps, look.mm_per_px, touched=look.by_hand)
    _take_hands(window, sight)
    if window.desk.measuring.find(sight.measured) is not None:  # after the finding, who is current
        window.desk.measuring.select(sight.measured)
    if sight.typing is not None:
        sight.typing.go_on(window)


def _take_hands(window: HilumWindow, sight: Sight) -> None:
    """The same tool in the hand, on the same pane; editing and its brush are over."""
    panes, pane = window.panes, window.volume.pane
    if sight.state.tool != EDIT_TOOL:
        panes.set_tool(sight.state.tool)
    if sight.active in panes.views:
        panes.activate(sight.active)
    elif sight.active == VOLUME and pane is not None:
        pane.setFocus()
