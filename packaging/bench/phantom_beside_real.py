"""The rich phantom beside real scans: a table of figures, and pairs of pictures to judge blind.

    phantom_beside_real.py table DATA [--seed N]
    phantom_beside_real.py pairs DATA OUT [--seeds 7,3] [--dice N] [--wide-mm 100]
        [--least-lung 0.45]

DATA holds ct/ with development scans. pairs writes OUT/pairs/NN.png, the phantom left or right as
the dice fall, and OUT/answers.json, which whoever judges must not have read.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ai.lungs.segment import segment_lungs  # noqa: E402
from ai.models.card import load_card  # noqa: E402
from ai.phantom.chest import chest  # noqa: E402
from ai.phantom.likeness import SLAB_MM, compare, figures, table  # noqa: E402
from ai.phantom.look import look_of  # noqa: E402
from ai.scan.labelmap import Labels  # noqa: E402
from ai.scan.volume import Volume  # noqa: E402

DEVELOPMENT = ("LIDC-IDRI-0001", "LIDC-IDRI-0003", "LIDC-IDRI-0004")
PAIRS, CROP_MM, LEAST_LUNG, PIXELS, GAP = 20, 100.0, 0.45, 420, 20
WINDOW = (-500.0, 1500.0)

Scan = tuple[Volume, Labels]


def real_scans(data: Path) -> dict[str, Scan]:
    """The development scans with their lungs as the network finds them, heads up."""
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    found: dict[str, Scan] = {}
    for name in DEVELOPMENT:
        volume = read_volume(open_path(data / "ct" / name).series[0])
        found[name] = (volume, segment_lungs(volume, card=load_card("lungs-unet")).label_map.labels)
    return found


def phantom(seed: int, *, slice_mm: float = 0.0) -> Scan:
    made = chest("full", seed, detail="rich", look=replace(look_of(seed), slice_mm=slice_mm))
    return made.volume, made.lungs.labels


def write_table(data: Path, seed: int) -> None:
    real = {name: figures(*one) for name, one in real_scans(data).items()}
    rows = compare(figures(*phantom(seed)), list(real.values()))
    print(table(rows, real))
    print(f"{sum(row.within for row in rows)} of {len(rows)} figures lie within the range")


def crop(
    one: Scan,
    *,
    side: int,
    height: float,
    across: float,
    down: float,
    wide_mm: float,
    least_lung: float,
) -> NDArray[np.uint8] | None:
    """A square of lung window at a place told by the lung's own box; None where it fits badly."""
    volume, lungs = one
    dk, dj, _ = volume.geometry.spacing_kji_mm
    holding = np.flatnonzero((lungs == side).any(axis=(1, 2)))
    share = height if volume.geometry.affine[2, 0] > 0 else 1 - height
    several = max(1, round(SLAB_MM / dk))
    k = min(int(holding[0] + share * (holding[-1] - holding[0])), len(lungs) - several)
    places = np.argwhere(lungs[k] == side)
    if len(places) < 2000:
        return None
    low, high = np.percentile(places, (3, 97), axis=0)
    half = wide_mm / dj / 2
    middle = np.clip(low + (high - low) * (down, across), half, lungs.shape[1] - half - 1)
    j, i = np.rint(middle - half).astype(int)
    box = np.s_[j : j + round(2 * half), i : i + round(2 * half)]
    hu = volume.hu[k : k + several].mean(axis=0)[box]
    if (lungs[k][box] > 0).mean() < least_lung or hu.min() < -1100:
        return None
    grey = np.clip((hu - WINDOW[0]) / WINDOW[1] + 0.5, 0, 1) * 255
    return grey.astype(np.uint8)


def write_pairs(
    data: Path, out: Path, seeds: list[int], dice: int, wide_mm: float, least_lung: float
) -> None:
    rng = np.random.default_rng(dice)
    real = list(real_scans(data).values())
    made = [phantom(seed, slice_mm=SLAB_MM) for seed in seeds]
    (out / "pairs").mkdir(parents=True, exist_ok=True)
    answers: dict[str, str] = {}
    while len(answers) < PAIRS:
        side, height = int(rng.integers(1, 3)), float(rng.uniform(0.12, 0.9))
        across, down = (float(v) for v in rng.uniform(0.25, 0.75, 2))
        place = {"side": side, "height": height, "across": across, "down": down}
        size = {"wide_mm": wide_mm, "least_lung": least_lung}
        both = [crop(g[int(rng.integers(len(g)))], **place, **size) for g in (made, real)]  # type: ignore[arg-type]
        left = bool(rng.integers(2))
        if both[0] is None or both[1] is None:
            continue
        sheet = Image.new("L", (2 * PIXELS + GAP, PIXELS), 255)
        for n, grey in enumerate(both if left else both[::-1]):
            assert grey is not None
            square = Image.fromarray(grey).resize((PIXELS, PIXELS), Image.Resampling.BICUBIC)
            sheet.paste(square, (n * (PIXELS + GAP), 0))
        name = f"{len(answers) + 1:02d}"
        sheet.save(out / "pairs" / f"{name}.png")
        answers[name] = "left" if left else "right"
    (out / "answers.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
    print(f"{PAIRS} pairs in {out / 'pairs'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("table", "pairs"))
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=7, help="of the phantom in the table")
    parser.add_argument("--seeds", default="7,3,12", help="of the phantoms in the pairs")
    parser.add_argument("--wide-mm", type=float, default=CROP_MM, help="side of a picture")
    parser.add_argument("--least-lung", type=float, default=LEAST_LUNG, help="share of it")
    parser.add_argument("--dice", type=int, default=1, help="seed of the places and sides")
    options = parser.parse_args()
    if options.what == "table":
        write_table(options.data, options.seed)
    elif options.out is None:
        parser.error("pairs needs a folder to write to")
    else:
        seeds = [int(word) for word in options.seeds.split(",")]
        write_pairs(
            options.data, options.out, seeds, options.dice, options.wide_mm, options.least_lung
        )


if __name__ == "__main__":
    main()
