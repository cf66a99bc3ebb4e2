from __future__ import annotations

from dataclasses import replace

import pytest

from ai.nodules.naming import long_name, short_place
from ai.scan.finding import SOLID, Finding, Measurement
from ai.scan.labelmap import MadeBy


@pytest.fixture
def finding() -> Finding:
    figures = Measurement(9.1, 7.3, 8.2, 270.0, 12.0, -20.0, 60.0, SOLID)
    return Finding("a1", "nodule", (1.0, 2.0, 3.0), 4, "RUZ", 0.7, figures, MadeBy("m", "1"))


def test_a_finding_is_named_as_readers_say_it(finding: Finding) -> None:
    assert long_name(finding, 3, 142) == "right upper zone, 8.2 mm solid, se 3 im 142"
    assert short_place(finding) == "RUZ"


def test_numbers_that_the_scan_lacks_are_left_out(finding: Finding) -> None:
    assert long_name(finding, None, 142) == "right upper zone, 8.2 mm solid, im 142"
    assert long_name(finding, None, None) == "right upper zone, 8.2 mm solid"


def test_outside_the_lungs_is_said(finding: Finding) -> None:
    outside = replace(finding, zone="")
    assert long_name(outside, 3, 1) == "outside the lungs, 8.2 mm solid, se 3 im 1"
    assert short_place(outside) == "–"
