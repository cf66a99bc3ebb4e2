"""A row of the list of measurements tells whole figures or leaves them off."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.panels.measurement_rows import whole_figures

LINES = ("1,034 mm²", "mean −780 HU, SD 94", "−932 to −561 HU, median −801")
CHINESE = ("1,034 mm²", "平均 −780 HU，标准差 94")
STEPS = (
    "…",
    "1,034 mm²",
    "1,034 mm² · mean −780 HU",
    "1,034 mm² · mean −780 HU, SD 94",
    "1,034 mm² · mean −780 HU, SD 94 · −932 to −561 HU",
    " · ".join(LINES),
)


@pytest.fixture
def metrics(qapp: QApplication) -> QFontMetricsF:
    theme.apply_theme(qapp)
    return QFontMetricsF(theme.font("caption"))


def test_no_width_cuts_a_figure(metrics: QFontMetricsF) -> None:
    told = [whole_figures(LINES, metrics, wide) for wide in range(20, 600)]
    assert list(dict.fromkeys(told)) == list(STEPS)
    for wide, text in zip(range(20, 600), told, strict=True):
        assert metrics.horizontalAdvance(text) <= wide


def test_a_chinese_comma_parts_figures_too(metrics: QFontMetricsF) -> None:
    told = {whole_figures(CHINESE, metrics, wide) for wide in range(20, 600)}
    assert "1,034 mm² · 平均 −780 HU" in told and len(told) == 4


def test_a_drawing_without_figures_says_nothing(metrics: QFontMetricsF) -> None:
    assert whole_figures((), metrics, 200) == ""
