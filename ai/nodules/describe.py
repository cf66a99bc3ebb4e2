"""One grown candidate in numbers: what its chance is read from, and what the agent sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.nodules.candidates import Candidate
from ai.nodules.grow import GrownMask
from ai.nodules.suppress import Shape
from ai.scan.finding import GROUND_GLASS, SOLID, Measurement
from ai.scan.geometry import Geometry

Place = tuple[float, float, float]


def centre_of(geometry: Geometry, mask: GrownMask) -> Place:
    """LPS mm of the mask's voxel nearest to its centre of mass: always inside it."""
    index = np.argwhere(mask.voxels) + mask.start_kji
    points = geometry.lps_of(index)
    nearest = ((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin()
    x, y, z = (round(float(n), 3) for n in points[nearest])
    return x, y, z


def clues(
    geometry: Geometry,
    candidate: Candidate,
    shape: Shape,
    mask: GrownMask,
    measurement: Measurement,
    *,
    pleura_mm: float,
) -> dict[str, float]:
    """The numbers the chance may be read from, by name.

    Lengths enter as logarithms, shares and ratios as they are, HU in thousands.
    """
    equivalent_mm = (6 * measurement.volume_mm3 / np.pi) ** (1 / 3)
    ratios = _axis_ratios(geometry, mask.voxels)
    return {
        "response": candidate.response_hu / 1000,
        "scale": float(np.log(candidate.diameter_mm)),
        "blobness": shape.blobness,
        "vesselness": shape.vesselness,
        "log_diameter": float(np.log(max(measurement.mean_diameter_mm, 0.5))),
        "log_volume_diameter": float(np.log(max(equivalent_mm, 0.5))),
        "roundness": measurement.short_mm / max(measurement.long_mm, 1e-6),
        "flatness": ratios[0],
        "stretch": ratios[1],
        "compactness": float(min(equivalent_mm / max(measurement.long_mm, 1e-6), 1.5)),
        "contrast": (mask.core_hu - mask.lung_hu) / 1000,
        "mean_hu": measurement.mean_hu / 1000,
        "p90_hu": measurement.p90_hu / 1000,
        "cut_share": mask.cut_share,
        "wall_share": mask.wall_share,
        "pleura": float(np.log1p(max(pleura_mm, 0.0))),
        "glass": float(measurement.type == GROUND_GLASS),
        "glass_channel": float(candidate.glass),
        "grew": float(mask.grew),
    }


def _axis_ratios(geometry: Geometry, voxels: NDArray[np.bool_]) -> tuple[float, float]:
    """Shortest over middle and middle over longest axis of the mask's ellipsoid, in (0, 1]."""
    points = np.argwhere(voxels) @ geometry.affine[:3, :3].T
    spread = np.cov(points.T) if len(points) > 1 else np.zeros((3, 3))
    # a voxel is a small box, not a point: its own spread keeps thin masks from being flat
    own = geometry.affine[:3, :3] @ geometry.affine[:3, :3].T / 12
    low, middle, high = np.sqrt(np.linalg.eigvalsh(spread + own))
    return float(low / middle), float(middle / high)


def agent_features(
    found: dict[str, float],
    measurement: Measurement,
    *,
    log_odds: float,
    height: float,
    side: float,
    pleura_mm: float,
    noise_hu: float,
    thickness_mm: float,
    rank: int,
) -> tuple[tuple[str, float], ...]:
    """What the agent sees of a finding; the names are a contract, add but never rename.

    height: 0 at the lung's foot, 1 at its head. side: -1 right, 1 left, 0 neither.
    """
    return (
        ("log_odds", log_odds),
        ("log_diameter", found["log_diameter"]),
        ("solid", float(measurement.type == SOLID)),
        ("ground_glass", float(measurement.type == GROUND_GLASS)),
        ("mean_hu", found["mean_hu"]),
        ("contrast", found["contrast"]),
        ("blobness", found["blobness"]),
        ("vesselness", found["vesselness"]),
        ("pleura_mm", pleura_mm),
        ("height", height),
        ("side", side),
        ("noise_hu", noise_hu),
        ("thickness_mm", thickness_mm),
        ("rank", float(rank)),
    )
