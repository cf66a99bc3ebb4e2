"""`hilum evaluate consensus`: references of the lungs that methods agree on and an eye corrected.

The masks and sheets lie in --out alone: they are made of patients' scans. What is shipped is the
strokes, shapes in millimetres, with the hash of the voxels they belong to and of what they led to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ai.errors import BadInput
from ai.resources import resource

if TYPE_CHECKING:
    from ai.models.card import ModelCard
    from ai.scan.labelmap import Labels
    from ai.scan.volume import Volume
    from ai.training.consensus import Consensus
    from ai.training.strokes import Recorded

SHIPPED = ("consensus", "lidc-lungs.toml")
MOST_LOOKED_AT = 60
"""Slices of a scan in its sheets: three sheets of twenty."""


def references(
    data: Path, out: Path, cards: Sequence[ModelCard], strokes: Path | None = None
) -> int:
    """Makes the reference of every scan that has strokes; 0 where each is the one that was frozen.

    Raises HilumError: no such scan below data, other voxels than the strokes belong to.
    """
    from ai.training.strokes import read_strokes

    recorded = read_strokes(strokes or resource(*SHIPPED))
    found = [one for name, one in recorded.items() if (data / name).is_dir()]
    if not found:
        raise BadInput(f"None of {', '.join(recorded)} lies below {data}.")
    same = [_reference(data / one.name, one, out, cards) for one in found]
    return 0 if all(same) else 1


def _reference(folder: Path, one: Recorded, out: Path, cards: Sequence[ModelCard]) -> bool:
    from ai.lungs.segment import segment_lungs
    from ai.training.consensus import consensus, pixels, shared_with, threshold_lungs
    from viewer.commands.truth import read_scan

    _, volume = read_scan(folder)
    if pixels(volume) != one.pixels:
        raise BadInput(f"The strokes of {one.name} belong to other voxels than those of its scan.")
    sources = {card.id: segment_lungs(volume, card=card).label_map.labels for card in cards}
    sources["plain threshold"] = threshold_lungs(volume)
    made = consensus(volume, sources, one.strokes)
    print(f"{one.name}: consensus reference of {', '.join(sources)}")
    print(f"  by hand, {len(one.strokes)} strokes: {_changed(made)}")
    for name, source in sources.items():
        told = (
            f"{side} {dice:.4f}"
            for side, dice in shared_with(source, made.labels).items()
            if dice is not None
        )
        print(f"  Dice of {name} against it: {', '.join(told)}")
    same = made.sha256 == one.frozen
    what = "as frozen" if same else f"not as frozen ({one.frozen or 'never frozen'})"
    print(f"  sha256 {made.sha256}, {what}", flush=True)
    if not same and one.sources and one.sources != (then := tuple(map(source_name, cards))):
        print(f"  frozen with {', '.join(one.sources)}; now with {', '.join(then)}")
    _keep(out, one.name, volume, made.labels)
    return same


def source_name(card: ModelCard) -> str:
    """As the file of strokes tells a model: id, version, start of the weights' hash."""
    return " ".join((card.id, card.version, card.weights_sha256[:12])).strip()


def _changed(made: Consensus) -> str:
    outside, right, left = made.changed
    told = f"{sum(made.changed)} voxels changed ({outside} out, {right} right, {left} left)"
    if made.useless:
        told += f"; strokes {', '.join(map(str, made.useless))} change nothing"
    return told


def _keep(out: Path, name: str, volume: Volume, labels: Labels) -> None:
    """OUT/NAME/lungs.nii.gz on the scan's grid, and its sheets beside it."""
    import SimpleITK as sitk  # noqa: N813

    from ai.training.sheets import sheets, spread_slices

    geometry = volume.geometry
    image = sitk.GetImageFromArray(labels)
    image.SetSpacing(geometry.spacing_kji_mm[::-1])
    image.SetOrigin([float(n) for n in geometry.lps_of((0, 0, 0))])
    image.SetDirection([float(n) for n in geometry.directions[:, ::-1].ravel()])
    place = out / name
    try:
        place.mkdir(parents=True, exist_ok=True)
        sitk.WriteImage(image, str(place / "lungs.nii.gz"))
        looked_at = spread_slices(labels, MOST_LOOKED_AT)
        for number, sheet in enumerate(sheets(volume, labels, looked_at), 1):
            sheet.save(place / f"sheet-{number}.png")
    except (OSError, RuntimeError) as error:
        raise BadInput(f"{place} cannot be written to.") from error
