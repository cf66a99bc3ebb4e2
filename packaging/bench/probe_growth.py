"""A process of its own that asks the network once, and prints by how many MB it grew at its peak.

Run with two arguments: a .npy of HU, and its voxel's sides in mm, "k,j,i". The libraries, the
network and the voxels are there before it is watched. Prints nothing where no system tells.
"""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def told_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def main(words: list[str]) -> None:
    import numpy as np

    from ai.lungs.network import _network
    from ai.lungs.segment import segment_lungs
    from ai.models.card import load_card
    from ai.scan.geometry import Geometry
    from ai.scan.volume import Volume

    hu = np.load(words[0])
    k, j, i = (float(n) for n in words[1].split(","))
    volume = Volume(Geometry.axial(hu.shape, spacing_kji_mm=(k, j, i)), hu)
    card = load_card("lungs-unet")
    _network(card)
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    except OSError:
        return
    before = told_mb("VmRSS")
    segment_lungs(volume, card=card)
    print(told_mb("VmHWM") - before)


if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))
    main(sys.argv[1:])
