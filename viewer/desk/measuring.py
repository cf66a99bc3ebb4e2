"""What the reader measures, kept by the desk: drawn, changed, named, removed, one selected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ai.errors import HilumError
from ai.scan.volume import Volume
from viewer.dicom.series import Series
from viewer.measuring.figures import measure
from viewer.measuring.shapes import Kind, Measured, Shape
from viewer.measuring.slices import slices_of
from viewer.measuring.words import name_of, short
from viewer.notices import Notice, of_error
from viewer.reading.events import (
    Event,
    MeasurementAdded,
    MeasurementChanged,
    MeasurementRemoved,
)
from viewer.reading.library import series_key
from viewer.reading.same_patient import days_before, same_patient

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.views.second import SecondScan


def tr(text: str) -> str:
    return QCoreApplication.translate("Measuring", text)


class MeasuringDesk(QObject):
    """Of one desk. Every command becomes an event of the reading; labels stay in the library."""

    changed = Signal()  # what is drawn, named or selected
    go_asked = Signal(object)  # Shape: the panes show it
    series_asked = Signal(object)  # Series: it is shown beside the one that is read

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._selected = ""
        self._words: dict[str, str] = {}
        self._second: SecondScan | None = None
        self._known: dict[str, Series] = {}
        desk.reading_changed.connect(self._reading_changed)

    @property
    def measured(self) -> tuple[Measured, ...]:
        """All of the open reading, in the order in which they were drawn."""
        reading = self._desk.reading
        return reading.measurements if reading is not None else ()

    @property
    def selected(self) -> Measured | None:
        """The one whose handles show."""
        return self.find(self._selected)

    # Two scans

    def show_second(self, second: SecondScan | None) -> None:
        """What stands beside the scan that is read: it can be measured as well."""
        self._second = second
        if second is not None and second.series is not None:
            self._known[series_key(second.series.key)] = second.series
        self.changed.emit()

    def series_on(self, volume: Volume | None) -> str | None:
        """What a drawing on a pane of this scan has as its series; None where none can be."""
        scan, second = self._desk.scan, self._second
        if volume is None or scan is None:
            return None
        if volume is scan.volume:
            return ""
        if second is None or second.series is None or volume is not second.volume:
            return None
        return series_key(second.series.key)

    def volume_of(self, series: str) -> Volume | None:
        """The scan that drawings of a series belong to, once every slice has arrived: before that
        nothing can be said of HU."""
        scan, second = self._desk.scan, self._second
        if not series:
            return scan.volume if scan is not None and scan.complete else None
        if second is None or self.series_on(second.volume) != series:
            return None
        there = second.loaded is None or bool(second.loaded.all())
        return second.volume if there else None

    def series_at_hand(self, series: str) -> Series | None:
        """The series of a drawing that lies on another one than is read; None where it is not
        known which that is, until it is shown again."""
        if series not in self._known:
            opened = self._desk.opening.opened
            for one in opened.series if opened is not None else ():
                self._known.setdefault(series_key(one.key), one)
        return self._known.get(series)

    def others(self) -> dict[str, Series]:
        """By key, the other series that something was drawn on, as far as they are known."""
        keys = dict.fromkeys(one.shape.series for one in self.measured if one.shape.series)
        found = {key: self.series_at_hand(key) for key in keys}
        return {key: series for key, series in found.items() if series is not None}

    def find(self, measurement: str) -> Measured | None:
        return next((one for one in self.measured if one.id == measurement), None)

    def counted(self, shape: Shape) -> Measured:
        """A shape with its figures as they would be kept; without HU while the scan loads."""
        return measure(shape, self.volume_of(shape.series))

    def next_number(self, kind: Kind) -> int:
        """Numbers are not given twice as long as their drawing is there."""
        same = (one.shape.number for one in self.measured if one.shape.kind is kind)
        return 1 + max(same, default=0)

    def label_of(self, shape: Shape) -> str:
        """The reader's own words, or nothing."""
        if shape.label and shape.label not in self._words:
            self._words[shape.label] = self._desk.library.words_of(shape.label)
        return self._words.get(shape.label, "")

    def title_of(self, shape: Shape) -> str:
        """The reader's own words, else 'Length 1'."""
        return self.label_of(shape) or name_of(shape)

    def said_of(self, shape: Shape) -> str:
        """The same inside a sentence: the reader's words in quotes, so that none reads as ours."""
        words = self.label_of(shape)
        return tr("\u201c{0}\u201d").format(words) if words else name_of(shape)

    # Commands

    def add(self, shape: Shape, label: str = "") -> None:
        """Keeps what was drawn; it waits for a scan that still loads."""
        if self._desk.waiting.scan_stands(lambda: self.add(shape, label)):
            named = self._labelled(shape, label)
            if named is not None and self._desk.record(MeasurementAdded(self.counted(named))):
                self.select(shape.id)

    def change(self, shape: Shape) -> None:
        """Keeps a drawing that was moved; nothing where it is as it was."""
        was = self.find(shape.id)
        if was is None or was.shape == shape:
            return
        if self._desk.waiting.scan_stands(lambda: self.change(shape)):
            self._desk.record(MeasurementChanged(self.counted(shape)))

    def set_label(self, measurement: str, text: str) -> None:
        """The reader's own words for a drawing; none takes them away."""
        was = self.find(measurement)
        if was is None or text.strip() == self.label_of(was.shape):
            return
        named = self._labelled(was.shape, text)
        if named is not None:
            self._desk.record(MeasurementChanged(replace(was, shape=named)))

    def remove(self, measurement: str) -> bool:
        """Takes a drawing away; False where there is none."""
        was = self.find(measurement)
        if was is None:
            return False
        if self._desk.record(MeasurementRemoved(measurement)):
            text = tr("{0} removed").format(self.said_of(was.shape))
            self._desk.tell(Notice(text, action="undo"))
        return True

    def remove_selected(self) -> bool:
        return self.remove(self._selected)

    def tell(self, notice: Notice) -> None:
        self._desk.tell(notice)

    def select(self, measurement: str) -> None:
        """Its handles show; nothing is selected by ''."""
        if measurement != self._selected:
            self._selected = measurement
            self.changed.emit()

    def go_to(self, measurement: str) -> None:
        """Selects a drawing, and the panes go to it."""
        found = self.find(measurement)
        if found is None:
            return
        self.select(measurement)
        shape, second = found.shape, self._second
        shown = not shape.series or (
            second is not None and self.series_on(second.volume) == shape.series
        )
        other = None if shown else self.series_at_hand(shape.series)
        if other is not None:
            self.series_asked.emit(other)
        if shown or other is not None:
            self.go_asked.emit(shape)
        else:
            text = tr("{0} lies on another series. Show that one beside this one to see it.")
            self._desk.tell(Notice(text.format(self.said_of(shape))))

    # What is said

    def image_of(self, shape: Shape) -> int | None:
        """The image that holds all of a drawing; None where it lies across images."""
        scan = self._desk.scan
        own = scan.series if scan is not None else None
        series = self.series_at_hand(shape.series) if shape.series else own
        if series is None or series.geometry is None:
            return None
        slices = slices_of(shape, series.geometry)
        return series.image_number(slices[0]) if len(slices) == 1 else None

    def tag_of(self, shape: Shape) -> str:
        """Which scan a drawing lies on, where that is not the one that is read: 'PRIOR'."""
        scan = self._desk.scan
        if not shape.series or scan is None:
            return ""
        other = self.series_at_hand(shape.series)
        if other is None:
            return tr("another series")
        if other.study_uid == scan.series.study_uid:
            return tr("Se {0}").format(other.number)
        days = days_before(other.study_date, scan.series.study_date) or 0
        if not days or not same_patient(scan.series.patient, other.patient):
            return tr("OTHER STUDY")
        return tr("PRIOR") if days > 0 else tr("LATER")

    def undone(self, event: Event) -> str:
        """What undo did to a drawing, in a sentence; it is selected where it is there."""
        found = self._shown_again(event)
        if found is None:
            return tr("Undone: {0} is gone").format(self._title_in(event))
        name = self.said_of(found.shape)
        if isinstance(event, MeasurementRemoved):
            return tr("Undone: {0} is back").format(name)
        if isinstance(event, MeasurementChanged) and event.measured.figures != found.figures:
            return tr("Undone: {0} is {1} again").format(name, short(found))
        return tr("Undone: {0} is as it was").format(name)

    def redone(self, event: Event) -> str:
        """The same for redo."""
        found = self._shown_again(event)
        if found is None:
            return tr("Done again: {0} removed").format(self._title_in(event))
        return tr("Done again: {0} {1}").format(self.said_of(found.shape), short(found)).strip()

    # Inside

    def _shown_again(self, event: Event) -> Measured | None:
        """The drawing of a step, selected and gone to; None where it is not there now."""
        if isinstance(event, MeasurementRemoved):
            about = event.measurement
        else:
            assert isinstance(event, MeasurementAdded | MeasurementChanged)
            about = event.measured.id
        self.go_to(about)
        return self.find(about)

    def _title_in(self, event: Event) -> str:
        """What a drawing is called that is not there any more: by the log, if not by the step."""
        if isinstance(event, MeasurementRemoved):
            rows = self._desk.reading.history if self._desk.reading is not None else ()
            for row in reversed(rows):
                drawn = row.event
                if (
                    isinstance(drawn, MeasurementAdded | MeasurementChanged)
                    and drawn.measured.id == event.measurement
                ):
                    return self.said_of(drawn.measured.shape)
            return tr("A drawing")
        assert isinstance(event, MeasurementAdded | MeasurementChanged)
        return self.said_of(event.measured.shape)

    def _labelled(self, shape: Shape, text: str) -> Shape | None:
        """The shape with the key of these words; None where the library refused them."""
        try:
            return replace(shape, label=self._desk.library.keep_words(text.strip()))
        except HilumError as error:
            self._desk.tell(of_error(error))
            return None

    def _reading_changed(self, _reading: object) -> None:
        if self._selected and self.selected is None:
            self._selected = ""
        self.changed.emit()
