"""Edges of segments on a plane."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QPainterPath

from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from tests.views import scans
from viewer.views.outlines import Outliner, _contours, _trimmed, boxes_of
from viewer.views.overlays import path
from viewer.views.planes import PLANES
from viewer.views.slice_render import Cutter


def outliner(labelmap: LabelMap, plane: str) -> Outliner:
    boxes = boxes_of(labelmap, tuple(PLANES.values()))
    assert boxes is not None
    cutter = Cutter(labelmap.labels, labelmap.geometry, outside=0)
    return Outliner(labelmap, cutter, PLANES[plane], boxes[plane])


@pytest.mark.parametrize("plane", ["axial", "coronal"])
@pytest.mark.parametrize("position", ["HFS", "FFS", "HFDL", "FFP"])
def test_a_ball_has_a_round_edge_at_its_place_in_the_patient(position: str, plane: str) -> None:
    labelmap = scans.two_balls(scans.lying(position))
    lines = outliner(labelmap, plane).lines(float(PLANES[plane].along((0, 0, 0))[2]))
    assert set(lines) == {1, 2}
    for label, x in ((1, -30.0), (2, 30.0)):
        (line,) = lines[label]
        radii = np.linalg.norm(line - (x, 0), axis=1)
        # voxels of 2 mm: the edge stays within one of them of the ball
        assert radii.min() > 16 and radii.max() < 20
        assert np.allclose(line[0], line[-1]), "the edge is closed"


def test_a_hole_has_an_edge_of_its_own() -> None:
    geometry = scans.lying("HFS")
    labels = scans.two_balls(geometry).labels.copy()
    inner = scans.two_balls(geometry, radius_mm=8).labels
    labels[inner > 0] = 0
    hollow = LabelMap(geometry, labels, LUNGS, MadeBy("test", "1"))
    assert len(outliner(hollow, "axial").lines(0.0)[1]) == 2


def test_a_plane_beyond_the_segments_has_no_edges() -> None:
    assert outliner(scans.two_balls(scans.lying("HFS")), "axial").lines(-35.0) == {}


def test_an_empty_label_map_has_no_box() -> None:
    geometry = scans.lying("HFS")
    none = LabelMap(geometry, np.zeros(geometry.shape_kji, np.uint8), LUNGS, MadeBy("test", "1"))
    assert boxes_of(none, tuple(PLANES.values())) is None


def test_thinning_a_line_for_the_screen_keeps_its_ends_and_its_place() -> None:
    angle = np.linspace(0, 2 * np.pi, 2000)
    line = 100 + 50 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    drawn: QPainterPath = path([line])
    assert drawn.elementCount() < 700
    last = drawn.elementAt(drawn.elementCount() - 1)
    assert (last.x, last.y) == pytest.approx((150, 100), abs=1e-6)
    bounds = drawn.boundingRect()
    assert (bounds.width(), bounds.height()) == pytest.approx((100, 100), abs=0.1)


def test_an_edge_is_looked_for_only_where_its_segment_lies() -> None:
    mask = np.zeros((200, 300), np.bool_)
    mask[150:160, 260:275] = True
    part, first = _trimmed(mask)
    assert part.shape == (14, 19) and first == (258, 148)
    (line,) = _contours(mask)
    assert np.allclose(line.min(axis=0), (259.5, 149.5), atol=0.2)
    assert np.allclose(line.max(axis=0), (274.5, 159.5), atol=0.2)
    assert _contours(np.zeros((5, 5), np.bool_)) == []
