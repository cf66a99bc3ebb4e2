"""A finding that a reader added: grown at half contrast around a point and measured."""

from __future__ import annotations

from ai.errors import BadInput
from ai.nodules.grow import grow
from ai.nodules.measure import claimed, measure
from ai.nodules.zone import zone_of
from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap, MadeBy
from ai.scan.volume import Volume

GROWING = MadeBy("half-contrast-growing", "1")


def added_finding(
    volume: Volume,
    lungs: LabelMap | None,
    centre_lps: tuple[float, float, float],
    *,
    finding_id: str,
) -> Finding:
    """The finding at a point in LPS mm; numpy only, so the window can make it at once.

    Raises BadInput when the point lies outside the scan.
    """
    voxel = volume.geometry.nearest_voxel(centre_lps)
    if voxel is None:
        raise BadInput("The crosshair lies outside the scan.", "Put it on the nodule first.")
    mask = grow(volume, centre_lps, lungs=lungs)
    return Finding(
        id=finding_id,
        kind="nodule",
        centre_lps=centre_lps,
        slice_index=voxel[0],
        zone=zone_of(lungs, centre_lps) if lungs is not None else "",
        chance=1.0,
        measurement=claimed(measure(volume, mask)),
        made_by=GROWING,
        mask=mask,
    )
