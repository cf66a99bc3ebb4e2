"""A folder's scan, and label files that lie beside it: contours of others, on the scan's grid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ai.errors import BadInput
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume

if TYPE_CHECKING:
    from viewer.dicom.series import Series

PLACE_MM = 0.1


def read_scan(folder: Path) -> tuple[Series, Volume]:
    """The series of a folder to show first, and its HU. Raises BadInput where there is none."""
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    opened = open_path(folder)
    if not opened.series:
        raise BadInput(f"{folder.name} holds no series. {' '.join(opened.sentences)}")
    return opened.series[0], read_volume(opened.series[0])


def read_labels(path: Path, volume: Volume) -> Labels:
    """The labels of a NIfTI (or any file SimpleITK reads) on the volume's own grid, uint8.

    Raises BadInput when it cannot be read, or lies on another grid.
    """
    import SimpleITK as sitk  # noqa: N813

    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise BadInput(f"The labels {path.name} cannot be read.") from error
    labels = sitk.GetArrayFromImage(image)
    last = np.array(volume.hu.shape) - 1
    same = labels.shape == volume.hu.shape and all(
        np.allclose(
            volume.geometry.lps_of(kji),
            image.TransformContinuousIndexToPhysicalPoint([float(n) for n in kji[::-1]]),
            atol=PLACE_MM,
        )
        for kji in (last * 0, last)
    )
    if not same:
        raise BadInput(f"The labels {path.name} lie on another grid than the series beside them.")
    return np.ascontiguousarray(labels.astype(np.uint8))
