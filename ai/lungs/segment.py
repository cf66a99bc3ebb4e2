"""The door to the lungs: one call, whichever model the card names."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ai.errors import OutsideError, UnfitScan
from ai.lungs.classical import lungs_by_rules
from ai.lungs.quantify import doubts, plain_gas, quantify
from ai.models.card import ModelCard
from ai.models.gate import fit_of, with_doubts
from ai.models.gate_bottleneck import Look, look
from ai.progress import OnProgress, ignore, part
from ai.scan.fit import RED, Fit
from ai.scan.labelmap import LabelMap, Labels, MadeBy, SegmentFigures
from ai.scan.straight import Straight
from ai.scan.volume import Volume

Found = tuple[Labels, MadeBy, Look]


def _by_rules(volume: Volume, *, card: ModelCard, on_progress: OnProgress = ignore) -> Found:
    return lungs_by_rules(volume, card=card, on_progress=on_progress), card.made_by, Look()


def _by_network(volume: Volume, *, card: ModelCard, on_progress: OnProgress = ignore) -> Found:
    # Torch takes seconds to load, and the rules need none of it.
    try:
        from ai.lungs.network import lungs_by_network
    except ImportError as error:
        raise OutsideError(
            f"{card.title} needs PyTorch, which is not installed here.",
            "Install it with hilum[torch], or choose Lungs (classical).",
        ) from error
    looks: list[Look] = []
    labels, made_by = lungs_by_network(
        volume,
        card=card,
        on_progress=on_progress,
        on_bottleneck=lambda windows: looks.append(look(windows, card)),
    )
    return labels, made_by, looks[0]


OVERRULED = "The gate refused this scan; a reader had it segmented all the same."
"""Stays with the mask wherever it goes."""
FAMILIES = {"classical": _by_rules, "unet": _by_network}


@dataclass(frozen=True, eq=False)
class LungsResult:
    """Lungs on the scan's own grid, their figures, and sentences about what to look at twice.

    fit: how the gate judged the scan, a network's own look at it included; its doubts stand among
    the warnings, too.
    """

    label_map: LabelMap
    figures: tuple[SegmentFigures, ...]
    warnings: tuple[str, ...]
    fit: Fit


def segment_lungs(
    volume: Volume,
    *,
    card: ModelCard,
    anyway: bool = False,
    on_progress: OnProgress = ignore,
) -> LungsResult:
    """Right and left lung of a chest CT, on the volume's own grid.

    volume: HU, any spacing, order or patient position; a scan of a tilted gantry is put straight
    for the model. Labels: 0 outside, 1 right, 2 left. anyway: a reader wants it although the gate
    refuses.
    Raises UnfitScan when the scan is no chest CT in HU, OutsideError when no model of the card's
    family is installed, and whatever on_progress raises.
    """
    model = FAMILIES.get(card.family)
    if card.task != "lungs" or model is None:
        raise OutsideError(
            f"The model {card.id} cannot segment lungs here.",
            remedy=f"Choose a card of the family {' or '.join(FAMILIES)}.",
        )
    on_progress(0.0, "Checking the scan")
    fit = fit_of(volume, card)
    if fit.level == RED and not anyway:
        raise UnfitScan(fit.reasons[0], fit.remedy)
    straight = Straight.of(volume.geometry)
    upright = volume if straight is None else straight.volume(volume)
    labels, made_by, seen = model(upright, card=card, on_progress=part(on_progress, 0.05, 0.95))
    fit = with_doubts(fit, seen.doubts)
    made_by = _remarked(made_by, seen.remark)
    if straight is not None:
        labels = straight.labels_back(labels)
    if fit.level == RED:
        made_by = _remarked(made_by, OVERRULED)
    label_map = LabelMap(volume.geometry, labels, card.segments, made_by)
    on_progress(0.95, "Measuring")
    figures = quantify(volume, label_map)
    on_progress(1.0, "Done")
    warnings = fit.reasons + doubts(label_map, figures) + plain_gas(volume, label_map)
    return LungsResult(label_map, figures, warnings, replace(fit, by_reader=fit.level == RED))


def _remarked(made_by: MadeBy, sentence: str) -> MadeBy:
    return replace(made_by, remark=f"{made_by.remark} {sentence}".strip())
