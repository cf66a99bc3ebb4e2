"""What is counted after strokes is what counting everything would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai.lungs.quantify import quantify
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume
from viewer.editing.difference import Difference
from viewer.editing.figures import recounted

GRID = Geometry.axial((8, 20, 18), spacing_kji_mm=(2.5, 0.703125, 0.703125))
HU = np.random.default_rng(5).integers(-1024, 400, GRID.shape_kji).astype(np.int16)
VOLUME = Volume(GRID, HU)


def lungs(labels: np.ndarray) -> LabelMap:
    return LabelMap(GRID, labels, LUNGS, MadeBy("m", "1"))


def start() -> np.ndarray:
    labels = np.zeros(GRID.shape_kji, np.uint8)
    labels[1:7, 3:17, 1:8], labels[1:7, 3:17, 10:17] = 1, 2
    return labels


_strokes = st.lists(
    st.tuples(
        st.tuples(st.integers(0, 5), st.integers(0, 15), st.integers(0, 12)),
        st.integers(0, 2),
        st.integers(1, 5),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(_strokes)
def test_counting_what_changed_is_counting_all(steps: list) -> None:  # type: ignore[type-arg]
    labels = start()
    before = quantify(VOLUME, lungs(labels))
    made = []
    for (k, j, i), number, size in steps:
        box = np.s_[k : k + size, j : j + size, i : i + size]
        after = labels[box].copy()
        after[...] = number
        found = Difference.between(labels[box], after, (k, j, i))
        if found is not None:
            found.flip(labels)
            made.append(found)
    now = recounted(VOLUME, lungs(labels), before, made)
    whole = quantify(VOLUME, lungs(labels))
    assert [row.number for row in now] == [row.number for row in whole]
    for one, other in zip(now, whole, strict=True):
        assert one.volume_ml == pytest.approx(other.volume_ml, rel=1e-12)
        assert one.mean_hu == pytest.approx(other.mean_hu, rel=1e-12)


def test_a_lung_that_was_erased_has_no_figures_and_one_that_was_painted_has() -> None:
    labels = start()
    before = quantify(VOLUME, lungs(labels))
    gone = Difference.of_codes(np.where(labels == 2, np.uint8(2), np.uint8(0)))
    assert gone is not None
    gone.flip(labels)
    now = recounted(VOLUME, lungs(labels), before, [gone])
    assert [row.number for row in now] == [1] and now[0] == before[0]
    gone.flip(labels)
    again = recounted(VOLUME, lungs(labels), now, [gone])
    assert again == tuple(before)


def test_without_strokes_the_figures_stand() -> None:
    before = quantify(VOLUME, lungs(start()))
    assert recounted(VOLUME, lungs(start()), before, []) == tuple(before)
