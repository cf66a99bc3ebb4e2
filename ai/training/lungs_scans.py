"""Scans with their lungs, on the network's grid, as training and its folds use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ai.errors import BadInput
from ai.scan.labelmap import Labels
from ai.scan.volume import Hu

SPACING_MM = 3.0


@dataclass(frozen=True, eq=False)
class TrainingScan:
    """One scan, upright (z to the head, y to the back, x to the left), 3 mm between voxels.

    lungs: 1 right, 2 left. counted: per plane, False where the mask is wrong and no loss is taken.
    patient: folds part patients, never scans. synthetic: a phantom.
    """

    name: str
    patient: str
    synthetic: bool
    hu: Hu
    lungs: Labels
    counted: NDArray[np.bool_]


def save_scans(path: Path, scans: Sequence[TrainingScan]) -> None:
    """Writes scans into one compressed file that load_scans reads."""
    arrays: dict[str, NDArray[np.generic]] = {
        "names": np.array([s.name for s in scans]),
        "patients": np.array([s.patient for s in scans]),
        "synthetic": np.array([s.synthetic for s in scans]),
    }
    for n, scan in enumerate(scans):
        arrays |= {f"hu{n}": scan.hu, f"lungs{n}": scan.lungs, f"counted{n}": scan.counted}
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load_scans(path: Path) -> tuple[TrainingScan, ...]:
    """Reads what save_scans wrote. Raises BadInput when it is no such file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return tuple(
                TrainingScan(
                    str(name),
                    str(file["patients"][n]),
                    bool(file["synthetic"][n]),
                    file[f"hu{n}"].astype(np.int16),
                    file[f"lungs{n}"].astype(np.uint8),
                    file[f"counted{n}"].astype(bool),
                )
                for n, name in enumerate(file["names"])
            )
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{path.name} holds no prepared scans.", "Prepare it again.") from error


def fingerprint(scans: Sequence[TrainingScan]) -> str:
    """SHA-256 over names and voxels: the same scans, in the same order, have the same one."""
    digest = sha256()
    for scan in scans:
        digest.update(f"{scan.name}\0{scan.patient}\0{scan.hu.shape}\0".encode())
        for array in (scan.hu, scan.lungs, scan.counted):
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def fold_of(
    scans: Sequence[TrainingScan], fold: tuple[int, int] | None
) -> tuple[tuple[TrainingScan, ...], tuple[TrainingScan, ...]]:
    """Scans to learn from, and scans of other patients to watch.

    fold: (k, n), the k-th of n groups of real patients is left out, k from 1. Without one, all real
    scans are learnt from and every fifth phantom is watched.
    Raises BadInput when there are fewer patients than folds.
    """
    phantoms = [s for s in scans if s.synthetic]
    watched_phantoms = phantoms[::5] if len(phantoms) > 1 else []
    real = [s for s in scans if not s.synthetic]
    left_out: set[str] = set()
    if fold is not None:
        patients = sorted({s.patient for s in real})
        k, n = fold
        if not 1 <= k <= n or n > len(patients):
            raise BadInput(f"Fold {k} of {n} cannot be made of {len(patients)} patients.")
        left_out = set(patients[k - 1 :: n])
    watched = [s for s in real if s.patient in left_out] or watched_phantoms
    learnt = [s for s in real if s.patient not in left_out]
    learnt += [s for s in phantoms if not any(s is w for w in watched_phantoms)]
    if not learnt:
        raise BadInput("There is no scan to learn from.")
    return tuple(learnt), tuple(watched)
