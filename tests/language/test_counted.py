"""One thing is told as one, several as several."""

from __future__ import annotations

import pytest

from viewer.language.counted import counted


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (400, "400 images")]
)
def test_one_is_told_as_one(count: int, told: str) -> None:
    assert counted(count, "1 image", "{0} images") == told
