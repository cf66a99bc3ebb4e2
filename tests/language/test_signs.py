"""A minus is a minus on paper, and figures carry no tail of decimals."""

from __future__ import annotations

import pytest

from viewer.language.signs import minus, signs, tidy
from viewer.reading.report.words import Tell, hu_words
from viewer.views.pane_text import signed


@pytest.mark.parametrize(
    ("value", "told"),
    [(3.98734, "3.99"), (0.625, "0.63"), (2.5, "2.5"), (5.0, "5"), (10.0, "10"), (0.001, "0"),
     (-2.5, "-2.5"), (120.0, "120")],
)  # fmt: skip
def test_a_length_has_two_decimals_at_most(value, told):
    assert tidy(value) == told


def test_a_figure_gets_a_true_minus_and_a_positive_one_stays():
    assert (minus("-865"), minus("865"), minus("")) == ("\u2212865", "865", "")


def test_what_rounds_to_zero_has_no_minus_wherever_it_is_told():
    assert [minus(t) for t in ("-0", "-0.0 HU", "-0.04", "-0.5")] == [
        "0", "0.0 HU", "\u22120.04", "\u22120.5",
    ]  # fmt: skip
    assert (signed(-0.4), signed(-0.04, 1), signed(-0.6)) == ("0", "0.0", "\u22121")
    assert Tell("en")("mean {0:.0f} HU", -0.3) == "mean 0 HU" and hu_words(-0.2) == "0 HU"
    assert signs("A mean of -0 HU; -0.5 HU.") == "A mean of 0 HU; \u22120.5 HU."


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("A mean of -300 HU; -900 to -700 is usual.",
         "A mean of \u2212300 HU; \u2212900 to \u2212700 is usual."),
        ("From z = -117.5 mm on.", "From z = \u2212117.5 mm on."),
        ("均值为 -300 HU；通常为 -900 至 -700 HU。",
         "均值为 \u2212300 HU；通常为 \u2212900 至 \u2212700 HU。"),
    ],
)  # fmt: skip
def test_a_sentence_gets_a_true_minus_before_its_figures(sentence, told):
    assert signs(sentence) == told


@pytest.mark.parametrize(
    "sentence",
    ["LAA-950 reads too low.", "CPTAC-LSCC-C3N-00247 saved.", "On 2026-01-02.", "a-3 mm",
     "lungs-2.dcm saved.", "policy v1-0319a984", "/a/-3 mm"],
)  # fmt: skip
def test_a_hyphen_in_a_name_a_date_or_a_path_stays(sentence):
    assert signs(sentence) == sentence


def test_a_report_tells_a_negative_figure_with_a_true_minus_and_names_as_they_are():
    tell = Tell("en")
    assert tell("mean {0:.0f} HU", -865.2) == "mean \u2212865 HU"
    assert tell("{0}.", "grade -1, LAA-950") == "grade -1, LAA-950."
