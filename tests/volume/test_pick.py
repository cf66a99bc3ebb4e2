"""Which finding a click in the 3-D picture means."""

from __future__ import annotations

import numpy as np
import pytest

from ai.scan.finding import BoxMask
from tests.views.scans import lying
from viewer.views.state import Mark
from viewer.volume.camera import VolumeCamera
from viewer.volume.pick import at, bodies, seen

SIZE = 400, 400
FRONT = VolumeCamera(mm_per_px=0.5)


def mark(name: str, centre: tuple[float, float, float], state: str = "accepted") -> Mark:
    return Mark(name, 1, centre, 6.0, state)


def test_a_click_means_the_finding_whose_voxels_lie_there_in_every_position_of_the_patient() -> (
    None
):
    for position in ("HFS", "FFP", "HFDL"):
        geometry = lying(position)
        bar = BoxMask((20, 20, 20), np.ones((1, 2, 14), dtype=bool))  # long along i
        far = geometry.lps_of((20, 20.5, 33))
        shown = bodies((mark("a", (0.0, 0.0, 0.0)),), {"a": bar}, geometry)
        x, y, _ = FRONT.pixels_of(far, *SIZE)
        assert at(x, y, shown, FRONT, *SIZE) == "a", position
        assert at(x + 60, y + 60, shown, FRONT, *SIZE) == ""


def test_of_two_the_one_nearer_to_the_eye_is_meant() -> None:
    both = (mark("behind", (0.0, 40.0, 0.0)), mark("before", (0.0, -40.0, 0.0)))
    shown = bodies(both, {}, lying("HFS"))
    assert at(200, 200, shown, FRONT, *SIZE) == "before"
    assert at(200, 200, shown, FRONT.seen_from("back"), *SIZE) == "behind"


@pytest.mark.parametrize("state", ["rejected", "held"])
def test_what_was_rejected_or_held_back_is_not_there(state: str) -> None:
    assert bodies((mark("a", (0.0, 0.0, 0.0), state),), {}, lying("HFS")) == ()


def test_a_tiny_finding_can_still_be_hit_and_an_empty_mask_is_a_ball() -> None:
    geometry = lying("HFS")
    one_voxel = BoxMask((20, 24, 26), np.ones((1, 1, 1), dtype=bool))
    empty = BoxMask((0, 0, 0), np.zeros((2, 2, 2), dtype=bool))
    shown = bodies((mark("a", (1.0, 1.0, 1.0)),), {"a": one_voxel}, geometry)
    x, y, _ = FRONT.pixels_of(geometry.lps_of((20, 24, 26)), *SIZE)
    assert at(x + 4, y, shown, FRONT, *SIZE) == "a"
    (ball,) = bodies((mark("b", (1.0, 1.0, 1.0)),), {"b": empty}, geometry)
    assert seen(ball, FRONT, *SIZE).radius == pytest.approx(6.0 / 0.5, rel=0.2)


def test_a_large_finding_is_hit_everywhere_though_few_of_its_points_are_asked() -> None:
    geometry = lying("HFS")
    block = BoxMask((2, 2, 2), np.ones((30, 40, 40), dtype=bool))
    shown = bodies((mark("a", (0.0, 0.0, 0.0)),), {"a": block}, geometry)
    assert len(shown[0].points_lps) <= 400
    low, high = geometry.lps_of((3, 3, 3)), geometry.lps_of((30, 40, 40))
    for share in np.random.default_rng(3).random((50, 3)):
        x, y, _ = FRONT.pixels_of(low + share * (high - low), *SIZE)
        assert at(x, y, shown, FRONT, *SIZE) == "a"


def test_a_leader_ends_on_the_finding_and_not_on_the_circle_round_it() -> None:
    geometry = lying("HFS")
    bar = BoxMask((20, 20, 10), np.ones((1, 1, 30), dtype=bool))  # long and thin, seen flat
    (body,) = bodies((mark("a", (0.0, 0.0, 0.0)),), {"a": bar}, geometry)
    one = seen(body, FRONT, *SIZE)
    x, y = one.nearest(one.x, one.y - 3 * one.radius)
    assert y == pytest.approx(one.y, abs=1.0) and abs(x - one.x) < 4.0
    points = FRONT.pixels_of(body.points_lps, *SIZE)[:, :2]
    assert np.hypot(*(points - (x, y)).T).min() < 1e-6
