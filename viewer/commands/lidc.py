"""Nodules outlined by the readers of LIDC-IDRI: the original XML, as voxels of the scan.

Outlines run just outside a nodule, so their own voxels are left out where any are left then.
Outlines of all readers that touch each other are one nodule. Source: LIDC-IDRI annotation format,
Armato et al. 2011, Med Phys 38:915.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.errors import BadInput
from ai.scan.volume import Volume

if TYPE_CHECKING:
    from ai.training.lungs_evaluate import Nodule

PLACE_MM = 0.1
LEAST_POINTS = 2
"""A single point is a mark of something below 3 mm."""


def read_nodules(path: Path, volume: Volume) -> tuple[Nodule, ...]:
    """Every nodule that any reader outlined, the largest first. Raises BadInput."""
    from ai.training.lungs_evaluate import Nodule

    whole = np.zeros(volume.hu.shape, dtype=np.bool_)
    try:
        tree = ElementTree.parse(path)
        for roi in tree.iter():
            if _name(roi) == "roi":
                _draw(roi, whole, volume)
    except (OSError, ElementTree.ParseError, ValueError, TypeError) as error:
        raise BadInput(f"{path.name} holds no outlines of LIDC-IDRI.") from error
    pieces, count = ndimage.label(whole, np.ones((3, 3, 3)))
    places = ndimage.find_objects(pieces)
    found = []
    for n in range(1, count + 1):
        box = places[n - 1]
        own = np.nonzero(pieces[box] == n)
        k, j, i = (axis + edge.start for axis, edge in zip(own, box, strict=True))
        found.append((k, j, i))
    found.sort(key=lambda voxels: -voxels[0].size)
    return tuple(Nodule(f"nodule {n}", voxels) for n, voxels in enumerate(found, 1))


def _draw(roi: ElementTree.Element, whole: NDArray[np.bool_], volume: Volume) -> None:
    from PIL import Image, ImageDraw

    texts = {_name(part): (part.text or "").strip() for part in roi}
    points = [
        tuple(int(_text(edge, axis)) for axis in ("xCoord", "yCoord"))
        for edge in roi
        if _name(edge) == "edgeMap"
    ]
    if len(points) < LEAST_POINTS or texts.get("inclusion", "TRUE").upper() != "TRUE":
        return
    heights = volume.geometry.lps_of(np.eye(3)[0] * np.arange(whole.shape[0])[:, None])[:, 2]
    k = int(np.abs(heights - float(texts["imageZposition"])).argmin())
    if abs(heights[k] - float(texts["imageZposition"])) > PLACE_MM:
        return
    picture = Image.new("L", (whole.shape[2], whole.shape[1]))
    draw = ImageDraw.Draw(picture)
    draw.polygon(points, outline=1, fill=1)
    filled = np.array(picture, dtype=np.bool_)
    draw.polygon(points, outline=0)
    inner = np.array(picture, dtype=np.bool_)
    whole[k] |= inner if inner.any() else filled


def _text(edge: ElementTree.Element, name: str) -> str:
    return next((part.text or "" for part in edge if _name(part) == name), "")


def _name(part: ElementTree.Element) -> str:
    return part.tag.rsplit("}", 1)[-1]
