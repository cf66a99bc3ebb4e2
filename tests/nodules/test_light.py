from __future__ import annotations

import subprocess
import sys
from pathlib import Path

JOURNEY = """
import sys
import numpy as np
from ai.nodules.grow import grow
from ai.nodules.measure import measure
from ai.nodules.naming import long_name
from ai.nodules.zone import zone_of
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume

geometry = Geometry.axial((30, 40, 40))
hu = np.full(geometry.shape_kji, -860, dtype=np.int16)
hu[12:19, 17:24, 17:24] = 40
volume = Volume(geometry, hu)
lungs = LabelMap(geometry, np.ones(hu.shape, dtype=np.uint8), LUNGS, MadeBy("t", "1"))
mask = grow(volume, (20.0, 20.0, 15.0), lungs=lungs)
assert mask.grew and measure(volume, mask).type == "solid"
assert zone_of(lungs, (20.0, 20.0, 15.0)) == "RMZ"
heavy = {"torch", "scipy", "SimpleITK", "PySide6", "pydicom", "vtkmodules", "highdicom"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
"""


def test_adding_a_nodule_by_hand_loads_nothing_heavy() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", JOURNEY], capture_output=True, text=True, cwd=root, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_finder_itself_loads_torch_only_when_it_runs() -> None:
    root = Path(__file__).resolve().parents[2]
    code = "import sys, ai.nodules.detect; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=False
    )
    assert done.stdout.strip() == "False", done.stderr
