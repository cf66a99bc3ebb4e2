"""Is this scan fit for this model? Green, amber or red, and why, in under a second.

A network adds a look of its own while it answers (`gate_bottleneck`): with_doubts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ai.errors import UnfitScan
from ai.models.card import ModelCard
from ai.models.gate_checks import check_chest, check_grid, check_units, coarse, sampled
from ai.models.gate_histogram import KnownChests, distance, features, known_chests
from ai.scan.fit import AMBER, GREEN, RED, Fit
from ai.scan.volume import Volume

FAR: Final = 2.0
"""Times the distance that is unusual: no chest, whole or diseased, was seen so far off."""


def fit_of(volume: Volume, card: ModelCard) -> Fit:
    """How fit the scan is. Looks at the grid, the units, the body part, the coverage, and then at
    the histogram: the first that refuses is the reason."""
    try:
        doubts = check_fit(volume, card)
    except UnfitScan as error:
        return Fit(RED, (error.sentence,), error.remedy)
    return Fit(AMBER if doubts else GREEN, doubts)


def with_doubts(fit: Fit, more: tuple[str, ...]) -> Fit:
    """The same with more doubts, which make green amber and nothing red."""
    if not more:
        return fit
    return replace(
        fit, level=AMBER if fit.level == GREEN else fit.level, reasons=fit.reasons + more
    )


def check_fit(volume: Volume, card: ModelCard) -> tuple[str, ...]:
    """Sentences of warning (none for a good scan).

    Raises UnfitScan, with one sentence, when the model must not be asked about this scan.
    """
    doubts = check_grid(volume, card)
    scan = sampled(volume)
    check_units(scan.hu)
    seen = coarse(scan)
    doubts += check_chest(seen, card)
    return doubts + check_histogram(distance(features(seen), known_chests()), known_chests())


def check_histogram(far: float, known: KnownChests) -> tuple[str, ...]:
    """One sentence for densities unlike those of the chests that are known."""
    sources = len(known.sources)
    if far > FAR * known.amber:
        raise UnfitScan(
            f"The densities of this scan are unlike any chest's: {far:.1f} from the {sources} "
            f"sources that are known, where up to {known.amber:.1f} is usual.",
            remedy="Choose a chest CT of this study.",
        )
    if far > known.amber:
        return (
            f"The densities of this scan are unusual: {far:.1f} from the {sources} sources that "
            f"are known, where up to {known.amber:.1f} is usual.",
        )
    return ()
