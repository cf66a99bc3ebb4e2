"""Drawings are complete values: they refuse nonsense, and come back from the log unchanged."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.measuring import phantoms
from tests.reading.samples import Log
from viewer.measuring.shapes import Figures, Kind, Measured, Shape
from viewer.measuring.words import short
from viewer.reading.codec import decode, encode
from viewer.reading.converters import SCHEMA
from viewer.reading.events import (
    Closed,
    MeasurementAdded,
    MeasurementChanged,
    MeasurementRemoved,
    Restored,
    Withdrawn,
)
from viewer.reading.reader_events import Signed
from viewer.reading.report.drawing_words import drawing_figures
from viewer.reading.report.drawings import MeasurementLine
from viewer.reading.report.words import Tell

UP = (0.0, 0.0, -1.0)


def drawn(number: int = 1, length_mm: float = 12.5) -> Measured:
    shape = phantoms.shape(Kind.LENGTH, (0.1, -2.0, 3.5), (12.6, -2.0, 3.5), number=number)
    return Measured(shape, Figures(length_mm=length_mm))


@pytest.mark.parametrize(
    ("kind", "count"), [(Kind.LENGTH, 1), (Kind.ANGLE, 2), (Kind.FREEHAND, 2), (Kind.PROBE, 2)]
)
def test_a_shape_with_too_few_or_too_many_points_is_refused(kind, count):
    with pytest.raises(ValueError, match="cannot have"):
        Shape("a", kind, 1, ((0.0, 0, 0),) * count, UP)


def test_a_place_that_is_no_place_is_refused():
    with pytest.raises(ValueError, match="no place"):
        Shape("a", Kind.PROBE, 1, ((float("nan"), 0.0, 0.0),), UP)
    with pytest.raises(ValueError, match="normal"):
        Shape("a", Kind.PROBE, 1, ((0.0, 0.0, 0.0),), (0.0, 0.0, 0.0))


def test_no_figure_is_ever_nan():
    with pytest.raises(ValueError, match="mean_hu"):
        Figures(mean_hu=float("nan"))
    with pytest.raises(ValueError, match="max_hu"):
        Figures(max_hu=float("inf"))


@pytest.mark.parametrize(
    "event",
    [
        MeasurementAdded(drawn()),
        MeasurementChanged(
            Measured(
                replace(
                    phantoms.ellipse((1.0, 2, 3), (4, 5)), label="k3y", text_off_lps=(9.0, -1.5, 0)
                ),
                Figures(area_mm2=62.8, voxels=40, mean_hu=-602.25, sd_hu=None, median_hu=-600.5),
            )
        ),
        MeasurementRemoved("length-1"),
    ],
)
def test_it_comes_back_from_the_log_as_it_went_in(event):
    row = encode(event)
    assert decode(row.kind, row.body, None, schema=SCHEMA) == event
    assert row.masks == {}


def test_a_row_with_a_point_missing_is_refused():
    body = json.loads(encode(MeasurementAdded(drawn())).body)
    body["measured"]["shape"]["points_lps"].pop()
    with pytest.raises(ValueError, match="cannot have"):
        decode("MeasurementAdded", json.dumps(body), None, schema=SCHEMA)


def test_a_reading_holds_what_was_drawn_as_it_was_changed_last():
    log = Log()
    log.add(MeasurementAdded(drawn(1)))
    log.add(MeasurementAdded(drawn(2)))
    log.add(MeasurementChanged(drawn(1, length_mm=20.0)))
    assert log.reading.measurements == (drawn(1, length_mm=20.0), drawn(2))
    log.add(MeasurementRemoved("length-2"))
    assert log.reading.measurements == (drawn(1, length_mm=20.0),)


def test_undo_brings_back_what_was_removed_and_then_how_it_was():
    log = Log()
    log.add(MeasurementAdded(drawn(1)))
    log.add(MeasurementChanged(drawn(1, length_mm=20.0)))
    log.add(MeasurementRemoved("length-1"))
    seen = []
    while (row := log.reading.undo_target) is not None:
        log.add(Withdrawn(row.seq))
        seen.append(log.reading.measurements)
    assert seen == [(drawn(1, length_mm=20.0),), (drawn(1),), ()]
    while (row := log.reading.redo_target) is not None:
        log.add(Restored(row.seq))
    assert log.reading.measurements == ()
    assert len(log.reading.history) == 10


def test_drawing_in_a_signed_reading_asks_for_a_new_signature():
    log = Log()
    log.add(Signed())
    log.add(Closed())
    log.add(MeasurementAdded(drawn()))
    assert not log.reading.signed and not log.reading.closed


def test_a_change_of_something_that_is_gone_changes_nothing():
    log = Log()
    log.add(MeasurementChanged(drawn()))
    log.add(MeasurementRemoved("none"))
    assert log.reading.measurements == ()


def test_screen_and_report_say_the_same_last_digit():
    figures = Figures(long_mm=32.3109, short_mm=25.2545, mean_hu=-52.551, voxels=308)
    assert figures.rounded == Figures(long_mm=32.31, short_mm=25.25, mean_hu=-52.6, voxels=308)
    shape = phantoms.shape(Kind.BIDIRECTIONAL, (0.0, 0, 0), (9.0, 0, 0), (1.0, 0, 0), (1.0, 2, 0))
    on_screen = short(Measured(shape, figures))
    line = MeasurementLine(
        "a", "Two axes 1", "bidirectional", 1, "", 1, 2, (0.0, 0, 0), figures.rounded, "1.2"
    )
    assert on_screen in drawing_figures(Tell("en"), line)
