"""Consensus references: what sources agree on, corrected by recorded strokes, frozen by a hash."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ai.errors import BadInput
from ai.phantom.chest import Phantom
from ai.resources import resource
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from ai.training.consensus import (
    UNSIDED,
    agreed,
    consensus,
    frozen,
    pixels,
    shared_with,
    threshold_lungs,
)
from ai.training.sheets import MOST_SLICES, sheets, spread_slices
from ai.training.strokes import Stroke, drawn, read_strokes
from tests.data import data_folder
from viewer.cli import run
from viewer.commands.truth import read_labels
from viewer.dicom.demo import write_demo
from viewer.dicom.find import open_path
from viewer.dicom.pixels import read_volume

ANY = (-32768, 32767)
SCAN = """
[[scan]]
name = "chest"
pixels = "{pixels}"
frozen = "{frozen}"
[[scan.stroke]]
z_mm = [{z}, {z}]
outline_mm = [[-500, -500], [500, -500], [500, 500], [-500, 500]]
becomes = "outside"
why = "a whole slice, for the test"
"""


def disc(volume: Volume, becomes: int, hu: tuple[int, int] = ANY) -> Stroke:
    x, y = volume.geometry.lps_of(np.array(volume.hu.shape) // 2)[:2]
    z = volume.geometry.lps_of((4, 0, 0))[2]
    return Stroke((z, z), ((x, y),), 9.0, becomes, hu, "seen")


def test_most_sources_win_and_the_side_is_the_one_named_most() -> None:
    a = np.array([[[1, 1, 2, 0, 1]]], dtype=np.uint8)
    b = np.array([[[1, 0, 1, 0, 0]]], dtype=np.uint8)
    c = np.array([[[3, 3, 3, 3, 0]]], dtype=np.uint8)
    assert agreed((a, b, c)).tolist() == [[[1, 1, 2, 0, 0]]]
    assert agreed((b, a, c)).tolist() == [[[1, 1, 1, 0, 0]]]
    with pytest.raises(BadInput, match="two sources"):
        agreed((a,))


def test_lung_whose_side_nobody_tells_is_of_the_nearest_side() -> None:
    told = np.array([[[1, 0, 0, 0, 2]]], dtype=np.uint8)
    bare = np.full((1, 1, 5), UNSIDED, dtype=np.uint8)
    assert agreed((told, bare, bare)).tolist()[0][0][1::2] == [1, 2]


def test_the_plain_threshold_finds_the_lungs_of_a_chest(tiny: Phantom) -> None:
    found = threshold_lungs(tiny.volume)
    assert set(np.unique(found)) == {0, UNSIDED}
    whole = shared_with(found, tiny.lungs.labels)
    assert set(whole) == {"both"} and (whole["both"] or 0) > 0.9
    water = Volume(tiny.volume.geometry, np.zeros_like(tiny.volume.hu))
    assert not threshold_lungs(water).any()


def test_strokes_change_their_voxels_and_are_counted(tiny: Phantom) -> None:
    lungs = tiny.lungs.labels
    sources = {"one": lungs, "two": lungs.copy()}
    plain = consensus(tiny.volume, sources)
    assert np.array_equal(plain.labels, lungs) and plain.changed == (0, 0, 0)
    strokes = (disc(tiny.volume, 2), disc(tiny.volume, 2))
    made = consensus(tiny.volume, sources, strokes)
    places = drawn(strokes[0], tiny.volume)
    assert (made.labels[places] == 2).all() and made.useless == (2,)
    was_not_left = np.count_nonzero(lungs[places] != 2)
    assert made.changed == (0, 0, was_not_left) and was_not_left > 0
    assert made.sha256 != plain.sha256 == frozen(tiny.volume, lungs)
    others = np.ones(lungs.shape, dtype=bool)
    others[places] = False
    assert np.array_equal(made.labels[others], lungs[others])


def test_a_stroke_may_ask_for_hu_and_a_polygon_is_its_area(tiny: Phantom) -> None:
    volume = tiny.volume
    whole = drawn(disc(volume, 0), volume)
    middle = int(np.median(volume.hu[whole]))
    dense = drawn(disc(volume, 0, (middle, 3071)), volume)
    assert (volume.hu[dense] >= middle).all() and 0 < len(dense[0]) < len(whole[0])
    x, y, z = volume.geometry.lps_of(np.array(volume.hu.shape) // 2)
    square = ((x - 20, y - 20), (x + 20, y - 20), (x + 20, y + 20), (x - 20, y + 20))
    found = drawn(Stroke((z, z), square, 0, 0, ANY, "seen"), volume)
    _, dj, di = volume.geometry.spacing_kji_mm
    assert len(found[0]) * dj * di == pytest.approx(1600, rel=0.15)
    assert len(set(found[0].tolist())) == 1


def test_strokes_on_a_scan_that_is_not_axial_are_refused(tiny: Phantom) -> None:
    affine = tiny.volume.geometry.affine.copy()
    affine[:, [0, 1]] = affine[:, [1, 0]]
    turned = Volume(Geometry(tiny.volume.hu.shape, affine), tiny.volume.hu)
    with pytest.raises(BadInput, match="axial"):
        drawn(disc(tiny.volume, 0), turned)


@pytest.mark.parametrize(
    "text",
    [
        "", "[[scan]]\nname = 'x'", "scan = 3", "no toml [",
        SCAN.format(pixels="", frozen="", z=0).replace("outside", "heart"),
        SCAN.format(pixels="", frozen="", z=0).replace(", [500, 500], [-500, 500]", ""),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_whole_strokes_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "strokes.toml").write_text(text)
    with pytest.raises(BadInput, match="no file of corrections"):
        read_strokes(tmp_path / "strokes.toml")


def test_sheets_hold_twenty_slices_at_most_and_show_both_edges(tiny: Phantom) -> None:
    lungs = tiny.lungs.labels
    looked_at = spread_slices(lungs, 30)
    held = np.flatnonzero(lungs.any(axis=(1, 2)))
    assert looked_at[0] <= held[0] and looked_at[-1] >= held[-1] and len(looked_at) <= 30
    made = list(sheets(tiny.volume, lungs, range(MOST_SLICES + 1)))
    assert len(made) == 2
    (one,) = sheets(tiny.volume, lungs, [int(held[len(held) // 2])])
    colours = {tuple(c) for c in np.asarray(one).reshape(-1, 3)}
    assert {(86, 180, 233), (230, 159, 0), (0, 220, 0)} <= colours
    assert spread_slices(np.zeros_like(lungs), 9) == ()


def test_the_command_keeps_references_tells_their_figures_and_whether_they_are_the_frozen(
    tmp_path: Path, tiny: Phantom, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(write_demo(tmp_path, size="tiny")).rename(tmp_path / "chest")
    volume = read_volume(open_path(tmp_path / "chest").series[0])
    z = volume.geometry.lps_of((10, 0, 0))[2]
    file = tmp_path / "strokes.toml"
    words = ["evaluate", "consensus", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    words += ["--models", "classical", "--strokes", str(file)]
    file.write_text(SCAN.format(pixels=pixels(volume), frozen="", z=z))
    assert run(words) == 1
    told = capsys.readouterr().out
    assert "not as frozen (never frozen)" in told and "1 strokes: " in told
    assert "Dice of plain threshold against it: both 0." in told
    labels = read_labels(tmp_path / "out" / "chest" / "lungs.nii.gz", volume)
    assert not labels[10].any() and labels[12].any()
    assert (tmp_path / "out" / "chest" / "sheet-1.png").exists()
    file.write_text(SCAN.format(pixels=pixels(volume), frozen=frozen(volume, labels), z=z))
    assert run(words) == 0 and ", as frozen" in capsys.readouterr().out
    file.write_text(SCAN.format(pixels="0" * 64, frozen="", z=z))
    assert run(words) == 1 and "other voxels" in capsys.readouterr().err
    file.write_text(file.read_text().replace('"chest"', '"elsewhere"'))
    assert run(words) == 1 and "None of elsewhere" in capsys.readouterr().err


def test_the_shipped_strokes_are_of_public_scans_and_each_has_a_reason() -> None:
    recorded = read_strokes(resource("consensus", "lidc-lungs.toml"))
    assert set(recorded) == {f"LIDC-IDRI-000{n}" for n in (1, 3, 4)}
    for one in recorded.values():
        assert len(one.pixels) == len(one.frozen) == 64 and one.strokes
        assert all(stroke.why for stroke in one.strokes)


@pytest.mark.data
def test_the_shipped_strokes_belong_to_the_scans_that_are_here() -> None:
    folder = data_folder()
    assert folder is not None
    for name, one in read_strokes(resource("consensus", "lidc-lungs.toml")).items():
        volume = read_volume(open_path(folder / "ct" / name).series[0])
        assert pixels(volume) == one.pixels
        assert all(drawn(stroke, volume)[0].size for stroke in one.strokes)
