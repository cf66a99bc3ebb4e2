"""The hand that draws: what is being drawn, pulled or named on one set of panes."""

from __future__ import annotations

import math
import uuid
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from viewer import theme
from viewer.desk.measuring import MeasuringDesk
from viewer.measuring.drawing import Draft
from viewer.measuring.editor import Naming
from viewer.measuring.facing import facing
from viewer.measuring.hits import TEXT, Hit, hit
from viewer.measuring.layout import Laid, Layouts
from viewer.measuring.pulling import Pull
from viewer.measuring.shapes import LEAST_OUTLINE, Kind, Measured, Shape
from viewer.measuring.words import name_of
from viewer.notices import Notice
from viewer.views.mouse import CLICK_PX
from viewer.views.panes import Panes
from viewer.views.second import SecondScan
from viewer.views.slice_view import SliceView
from viewer.views.state import TOOLS, ViewState

STEP_PX = 3.0
"""A freehand line has a point each time the hand has gone so far."""
LOOP_PX = 24.0
"""A freehand stroke of that length is a whole outline; a shorter one begins a polygon."""
CLOSE_PX = 8.0
"""A click so near to the first corner closes a polygon."""
SAME_PX = 2.0
"""A second click so near to the first is one click too many, not a point."""

DRAFT = "draft"
GRIPPING = (*TOOLS, *Kind)
"""Tools with which a press may take hold of a drawing."""


class Hand(QObject):
    """Of one set of panes: at most one drawing is in it at a time."""

    def __init__(self, board: MeasuringDesk, panes: Panes) -> None:
        super().__init__(panes)
        self.board, self._panes = board, panes
        self._draft: Draft | None = None
        self._live: Measured | None = None  # the drawing in the hand, counted as it is now
        self._view: SliceView | None = None
        self._pull: Pull | None = None
        self._naming = Naming()
        self._at, self._gone = QPointF(), 0.0
        self._layouts = Layouts(self._words_beside)
        panes.state_changed.connect(self._state_changed)
        panes.second_changed.connect(self._second_changed)
        board.changed.connect(self._board_changed)
        board.go_asked.connect(self._go_to)

    @property
    def drawing(self) -> bool:
        """Whether something is begun and not yet whole."""
        return self._draft is not None

    def laid(self, view: SliceView) -> list[Laid]:
        """What a pane shows, the topmost last: what was drawn on its own scan, and on the other
        one where the scanner says that places are the same in both."""
        if not self.belongs(view) or not view.state.show_marks:
            return []
        here = None if self._panes.one_frame else self.board.series_on(view.volume)
        measured, live = self.board.measured, self._live
        if here is not None:
            measured = tuple(one for one in measured if one.shape.series == here)
            live = live if live is not None and live.shape.series == here else None
        chosen = DRAFT if self._draft is not None else self._selected
        return self._layouts.of(view, measured, live, chosen)

    def belongs(self, view: SliceView) -> bool:
        """Whether a pane shows a scan that can be measured."""
        return self.board.series_on(view.volume) is not None

    # Drawing

    def press(self, kind: Kind, view: SliceView, event: QMouseEvent) -> bool:
        """The button went down with a tool of this kind."""
        if view.volume is None or (self._draft is None and _ctrl(event)):
            return False  # with Ctrl the pane draws a box for its grey window
        if not self.belongs(view):
            self.board.tell(Notice(tr("Draw on the series that is being read.")))
            return True
        if view.of_second and self.board.volume_of(self._series_of(view)) is None:
            self.board.tell(Notice(tr("This series is still being read; draw on it in a moment.")))
            return True
        at = event.position()
        draft = self._draft
        if draft is not None and (draft.kind is not kind or not self._same_slice(view)):
            self._leave()
            draft = None
        if draft is None:
            self._view = view
            self.board.select("")
            draft = Draft(kind, self.board.next_number(kind), view.view().plane)
        elif self._ends_here(draft, view, at):
            return True
        self._at, self._gone = at, 0.0
        self._set(draft.pressed(self._lps(view, at)))
        return True

    def drag(self, view: SliceView, event: QMouseEvent) -> None:
        """The hand moved with the button down."""
        draft, at = self._draft, event.position()
        if draft is None:
            return
        gone = _apart(at, self._at)
        if draft.kind is Kind.FREEHAND:
            if gone < STEP_PX:
                return
            self._at, self._gone = at, self._gone + gone
        elif self._gone == 0 and gone < CLICK_PX:
            return
        else:
            self._gone = max(self._gone, gone)
        self._set(draft.dragged(self._lps(view, at), round_=_shift(event)))

    def release(self) -> None:
        """The button went up."""
        draft = self._draft
        if draft is None:
            return
        draft = draft.released()
        self._set(draft)
        if draft.whole or (draft.kind is Kind.FREEHAND and self._gone >= LOOP_PX):
            self._finish(draft.finished() or draft)

    def hover(self, view: SliceView, event: QMouseEvent) -> None:
        """The pointer moves with no button down."""
        draft = self._draft
        if draft is not None and not draft.down and self._same_slice(view):
            self._set(draft.hovered(self._lps(view, event.position()), round_=_shift(event)))
        over = draft is None and self.hit(view, event.position()).id
        view.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.CrossCursor)

    def finish(self) -> bool:
        """Enter: what is drawn is whole where it can be. False where nothing is in the hand."""
        draft = self._draft
        if draft is None:
            return False
        ended = draft.finished()
        if ended is not None:
            self._finish(ended)
        elif not self._keep_first_axis(draft):
            self.board.tell(Notice(tr("It needs more points. Esc gives it up.")))
        return True

    def cancel(self) -> bool:
        """Esc: what is in the hand is given up. False where nothing is."""
        if self._draft is None and self._pull is None:
            return False
        self._draft = self._pull = self._live = None
        self._panes.redraw()
        return True

    def settle(self) -> None:
        """The window goes: all ends as by Enter, else as where the hand turns to something else."""
        self.let_go()
        ended = self._draft.finished() if self._draft is not None else None
        if ended is not None:
            self._finish(ended)
        self._leave()
        self._naming.settle()

    def _leave(self) -> None:
        """The hand turns to something else: a drawn axis is kept, what is lost is said."""
        draft = self._draft
        if draft is None or self._keep_first_axis(draft):
            return
        self.cancel()
        if len(draft.placed) > 1:
            self.board.tell(Notice(tr("The unfinished drawing was given up.")))

    def _keep_first_axis(self, draft: Draft) -> bool:
        """The first of two axes is a length where the second one never came."""
        line = draft.as_length(self.board.next_number(Kind.LENGTH))
        if line is None:
            return False
        self._finish(line)
        kept = self.board.selected
        if kept is not None:
            text = tr("The second axis was not drawn: kept as {0}.")
            self.board.tell(Notice(text.format(name_of(kept.shape)), action="undo"))
        return True

    def _words_beside(self, shape: Shape) -> str:
        """The reader's own words for a drawing; of the one in the hand, what is asked for next."""
        draft = self._draft
        if shape.id != DRAFT or draft is None:
            return self.board.label_of(shape)
        asked = {Kind.BIDIRECTIONAL: tr("Now the short axis"), Kind.ANGLE: tr("Now the other arm")}
        return asked[draft.kind] if draft.next_asked else ""

    def _series_of(self, view: SliceView) -> str:
        return self.board.series_on(view.volume) or ""

    @property
    def selected_shown(self) -> bool:
        """Whether the selected drawing is seen on some pane."""
        panes = [view for view in self._panes.all_views.values() if view.isVisible()]
        chosen = self._selected
        return any(one.measured.id == chosen for view in panes for one in self.laid(view))

    def deselect(self) -> bool:
        """No handles show any more. False where none did."""
        was = self.board.selected
        self.board.select("")
        return was is not None

    # Pulling what is drawn

    def hit(self, view: SliceView, at: QPointF) -> Hit:
        """What of the drawings lies under a point of a pane."""
        return hit(
            (one.traced for one in self.laid(view)),
            at.x(),
            at.y(),
            handle_px=theme.number("measure.reach"),
            line_px=theme.number("measure.lineReach"),
        )

    def take(self, view: SliceView, event: QMouseEvent) -> bool:
        """A press takes hold of a drawing; False where there is none, or one is being drawn.

        A tool of another room, a brush, is never robbed of its press.
        """
        free = self._draft is None and view.state.tool in GRIPPING and not _ctrl(event)
        if not free or not self.belongs(view):
            return False
        at = event.position()
        found = self.hit(view, at)
        was = self.board.find(found.id)
        self.board.select(found.id)
        if was is None:
            return False
        place = (at.x(), at.y())
        laid = next(one for one in self.laid(view) if one.measured.id == was.id)
        text = laid.traced.text.middle if laid.traced.text is not None else place
        self._pull, self._view, self._at, self._gone = Pull(was, found, place, text), view, at, 0.0
        if event.type() == QMouseEvent.Type.MouseButtonDblClick:
            self._pull = None
            self.name_selected()
        return True

    def pull(self, view: SliceView, event: QMouseEvent) -> None:
        """What was taken follows the hand."""
        at, pull = event.position(), self._pull
        self._gone = max(self._gone, _apart(at, self._at))
        if pull is None or self._gone < CLICK_PX:
            return
        live = pull.to(view.view(), at.x(), at.y())
        self._live = live if pull.hit.part == TEXT else self.board.counted(live.shape)
        view.update()

    def let_go(self) -> None:
        """The button went up: the change is kept."""
        live, pulled = self._live, self._pull is not None
        self._pull = self._live = None
        if pulled and live is not None:
            self.board.change(live.shape)

    def _go_to(self, shape: Shape) -> None:
        """The panes show a drawing, turned where none of their planes can hold it."""
        panes = self._panes
        if shape.series:
            panes.show_place_of_second(shape.middle_lps, lambda planes: facing(planes, shape))
            return
        planes = facing(panes.state.planes, shape)
        if planes is not panes.state.planes:
            panes.set_planes(planes)
        panes.go_to(shape.middle_lps)

    def name_selected(self) -> bool:
        """A field for the reader's words beside the selected drawing. False where none is."""
        chosen = self.board.selected
        if chosen is None:
            return False
        for view in self._panes.views.values():
            laid = [one for one in self.laid(view) if one.measured.id == chosen.id]
            if view.isVisible() and laid:
                box = laid[0].traced.text or laid[0].traced.box
                text, keep = self.board.label_of(chosen.shape), self.board.set_label
                self._naming.ask(view, text, (box.left, box.top), partial(keep, chosen.id))
                return True
        self.board.go_to(chosen.id)
        return True

    # Inside

    @property
    def _selected(self) -> str:
        chosen = self.board.selected
        return chosen.id if chosen is not None else ""

    def _lps(self, view: SliceView, at: QPointF) -> tuple[float, float, float]:
        return view.view().lps_of(at.x(), at.y())

    def _set(self, draft: Draft) -> None:
        self._draft = draft
        shape = self._shape(draft, DRAFT)
        self._live = self.board.counted(shape) if shape is not None else None
        if self._view is not None:
            self._view.update()

    def _shape(self, draft: Draft, shape_id: str) -> Shape | None:
        """What is drawn, as a drawing on the scan of its pane."""
        shape, view = draft.shape(shape_id), self._view
        if shape is None or view is None:
            return shape
        return replace(shape, series=self._series_of(view))

    def _same_slice(self, view: SliceView) -> bool:
        """Whether a pane still shows the plane on which the drawing was begun."""
        draft = self._draft
        if draft is None or view is not self._view or view.view().plane != draft.plane:
            return False
        off = view.view().off_plane_mm(draft.placed[0])
        return abs(off) < view.step_mm / 2

    def _ends_here(self, draft: Draft, view: SliceView, at: QPointF) -> bool:
        """Whether a press closes the outline, or is one too many."""
        ends = view.view().pixels_of([draft.placed[0], draft.placed[-1]])
        first, last = (_apart(at, QPointF(*end)) for end in ends)
        closes = draft.kind is Kind.FREEHAND and len(draft.placed) >= LEAST_OUTLINE
        if closes and (first <= CLOSE_PX or last <= SAME_PX):
            self.finish()
            return True
        return last <= SAME_PX

    def _finish(self, draft: Draft) -> None:
        shape, view = self._shape(draft, uuid.uuid4().hex[:12]), self._view
        self._draft = self._live = None
        self._panes.redraw()
        if shape is None or view is None:
            return
        if shape.kind is not Kind.ARROW:
            self.board.add(shape)
            return
        self._live = self.board.counted(shape)
        x, y = (float(px) for px in view.view().pixels_of(shape.points_lps[1]))
        self._naming.ask(view, "", (x, y), partial(self._keep_arrow, shape), self._drop_arrow)

    def _keep_arrow(self, shape: Shape, words: str) -> None:
        self._live = None
        self.board.add(shape, words)
        self._panes.redraw()

    def _drop_arrow(self) -> None:
        self._live = None
        self._panes.redraw()

    def _state_changed(self, state: ViewState) -> None:
        if self._draft is not None and state.tool != self._draft.kind:
            self._leave()

    def _second_changed(self, second: SecondScan | None) -> None:
        """What is being drawn on a scan that goes is given up."""
        if self._view is not None and self._view.of_second:
            self.cancel()
        self.board.show_second(second)

    def _board_changed(self) -> None:
        if self._pull is not None and self.board.find(self._pull.was.id) is None:
            self.cancel()
        self._panes.redraw()


def tr(text: str) -> str:
    return QCoreApplication.translate("Measuring", text)


def _apart(a: QPointF, b: QPointF) -> float:
    return math.hypot(a.x() - b.x(), a.y() - b.y())


def _ctrl(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def _shift(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
