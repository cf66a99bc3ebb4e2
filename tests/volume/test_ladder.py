"""Which mapper draws, and how coarse a moving picture is."""

from __future__ import annotations

import itertools

import pytest

from viewer.volume.ladder import (
    FULL,
    MOST_IN_A_ROW,
    QUICK_IN_A_ROW,
    STEPS,
    Ladder,
    first_ladder,
    is_software,
    route_of,
)
from viewer.volume.messages import CPU, GPU

CARD = "NVIDIA GeForce RTX 3060/PCIe/SSE2"


@pytest.mark.parametrize(
    "driver",
    ["llvmpipe (LLVM 15.0.6, 256 bits)", "softpipe", "Google SwiftShader",
     "Microsoft Basic Render Driver", "Apple Software Renderer", ""],
)  # fmt: skip
def test_a_driver_that_draws_on_the_processor_is_known_by_its_name(driver: str) -> None:
    assert is_software(driver)
    assert route_of(driver, 1.0) == CPU


def test_a_card_is_believed_only_by_the_clock() -> None:
    assert not is_software(CARD)
    assert route_of(CARD, 6.0) == GPU
    assert route_of(CARD, 300.0) == CPU
    assert route_of(CARD, None) == CPU  # its picture was black


def test_slow_pictures_go_down_the_ladder_to_its_foot_and_no_further() -> None:
    ladder = first_ladder(GPU)
    for _ in range(2 * len(STEPS)):
        ladder = ladder.after(500)
    assert ladder.step == STEPS[-1]


def test_quick_pictures_go_up_one_step_at_a_time_after_several_in_a_row() -> None:
    ladder = Ladder(4)
    for _ in range(QUICK_IN_A_ROW - 1):
        ladder = ladder.after(10)
    assert ladder.at == 4
    assert ladder.after(90).after(10).at == 4  # one that was not quick begins the count anew
    assert ladder.after(10).at == 3


def test_a_step_that_was_too_slow_is_tried_again_ever_more_seldom() -> None:
    ladder, tries = Ladder(4), []
    for picture in range(400):
        before = ladder.at
        ladder = ladder.after(200 if ladder.at < 4 else 10)
        if ladder.at < before:
            tries.append(picture)
    waits = [b - a for a, b in itertools.pairwise(tries)]
    assert waits == sorted(waits) and waits[-1] > 4 * waits[0]
    assert ladder.needed <= MOST_IN_A_ROW


def test_after_a_rest_a_finer_step_is_tried_as_soon_as_at_first() -> None:
    ladder = Ladder(4)
    for _ in range(5):
        ladder = ladder.after(500)
    assert ladder.needed > QUICK_IN_A_ROW
    rested = ladder.rested()
    assert (rested.at, rested.needed) == (ladder.at, QUICK_IN_A_ROW)


def test_every_step_is_cheaper_than_the_one_before_and_rest_leaves_nothing_out() -> None:
    def cost(step):
        pixels = (step.scale / step.rays) ** 2
        return pixels / step.along * (1 if step.volume == 0 else 0.5) * (1 if step.lit else 0.8)

    costs = [cost(step) for step in (FULL, *STEPS)]
    assert costs == sorted(costs, reverse=True)
    assert (FULL.scale, FULL.rays, FULL.volume, FULL.lit) == (1.0, 1.0, 0, True)
