"""The process that renders, as it is: its pictures, its manners, its death."""

from __future__ import annotations

import ctypes.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.worker.messages import BlockRef, VolumeRef
from ai.worker.shared import Block
from tests.views.scans import AIR, lying, places, two_balls
from viewer.volume.camera import VolumeCamera
from viewer.volume.grid import Grid
from viewer.volume.messages import CPU, Drawn, ShowLungs, ShowScan, Tint
from viewer.volume.session import Arrived, VolumeSession, Wanted

pytestmark = pytest.mark.skipif(
    sys.platform == "linux" and ctypes.util.find_library("EGL") is None,
    reason="no OpenGL library on this machine",
)
BLUE, YELLOW, GREEN = (0.3, 0.6, 0.9), (0.85, 0.7, 0.3), (0.0, 0.6, 0.45)
LONGEST_MS = 60_000
SIDE = 200
LOOK = Wanted(VolumeCamera(mm_per_px=1.0), SIDE, SIDE, 1.0, "glass")
"""From the front, a millimetre a pixel, the patient's origin in the middle."""

RIB_HU, VESSEL_HU, LUNG_HU = 900, 60, -850


def chest(geometry: Geometry) -> tuple[np.ndarray, LabelMap]:
    """Two lungs as balls, a vessel upright through each, and a rib in front of both."""
    lungs = two_balls(geometry, radius_mm=18.0, apart_mm=25.0)
    x, y, z = np.moveaxis(places(geometry), -1, 0)
    hu = np.full(geometry.shape_kji, AIR, dtype=np.int16)
    hu[lungs.labels > 0] = LUNG_HU
    for middle in (-25, 25):
        hu[(np.hypot(x - middle, y) < 3.5) & (lungs.labels > 0)] = VESSEL_HU
    hu[(abs(z) < 4) & (y < -26) & (y > -34) & (abs(x) < 45)] = RIB_HU
    return hu, lungs


class Eye:
    """Asks a session for pictures and waits for them."""

    def __init__(self, session: VolumeSession, qtbot: QtBot) -> None:
        self.session, self._qtbot = session, qtbot

    def see(self, **changes: object) -> tuple[np.ndarray, Drawn]:
        """(rows, columns, RGB) from 0 to 1, and what was told of it."""
        with self._qtbot.waitSignal(self.session.arrived, timeout=LONGEST_MS) as waiting:
            self.session.look(replace(LOOK, **changes))
        came: Arrived = waiting.args[0]
        return came.pixels[..., :3].astype(float) / 255, came.told


@pytest.fixture(scope="module")
def session(qapp: object) -> Iterator[VolumeSession]:
    made = VolumeSession()
    yield made
    made.close()


@pytest.fixture
def eye(session: VolumeSession, qtbot: QtBot) -> Iterator[Eye]:
    """A session with the chest lying on its back, head first, and nothing else."""
    if session.about is None:
        with qtbot.waitSignal(session.ready, timeout=LONGEST_MS):
            session.start()
    with show(session, lying("HFS")):
        yield Eye(session, qtbot)
        session.set_scan(None, None)


def show(session: VolumeSession, geometry: Geometry) -> Block:
    hu, lungs = chest(geometry)
    block = Block.create(hu.shape, "int16")
    block.array[...] = hu
    session.set_scan(block.ref, geometry)
    session.set_lungs(lungs, {1: BLUE, 2: YELLOW})
    return block


def box(picture: np.ndarray, x: float, y: float, half: int = 2) -> np.ndarray:
    """The mean colour round a point, mm right and below of the middle."""
    column, row = round(SIDE / 2 + x), round(SIDE / 2 + y)
    part = picture[row - half : row + half + 1, column - half : column + half + 1]
    return part.mean(axis=(0, 1))


def test_lungs_are_glass_in_their_colours_each_on_its_side(eye: Eye) -> None:
    picture, told = eye.see()
    assert told.full
    right, left = box(picture, -25 - 16, 0), box(picture, 25 + 16, 0)  # their outer rims
    assert right[2] > 1.5 * right[0] and left[0] > 1.5 * left[2]
    assert picture[:30].max() == 0 and picture[:, :30].max() == 0


@pytest.mark.parametrize("position", ["HFP", "FFS", "FFDR"])
def test_however_the_patient_lay_the_picture_is_the_same(
    eye: Eye, session: VolumeSession, position: str
) -> None:
    expected, _ = eye.see()
    with show(session, lying(position)):
        picture, _ = eye.see()
    mirrored = abs(expected - expected[:, ::-1]).mean()
    assert abs(picture - expected).mean() < mirrored / 5


def test_vessels_shine_through_and_ribs_are_kept_out_of_the_lungs(eye: Eye) -> None:
    picture, _ = eye.see()
    vessel, beside = box(picture, -25, 8), box(picture, -25 + 8, 8)
    assert vessel.mean() > 2 * beside.mean()
    bone, _ = eye.see(preset="bone")
    assert box(bone, 0, 0).mean() > 0.2  # the rib is there
    assert box(picture, 0, 0).max() == 0  # and not in the way


@pytest.mark.parametrize("preset", ["glass", "vessels", "bone", "arteries", "mip"])
def test_a_finding_wears_its_states_colour_over_all_else(eye: Eye, preset: str) -> None:
    geometry = lying("HFS")
    middle = np.array((-25.0, 4.0, 0.0))  # behind the rib
    mask = np.linalg.norm(places(geometry) - middle, axis=-1) < 7
    start = np.argwhere(mask).min(axis=0)
    end = np.argwhere(mask).max(axis=0) + 1
    part = mask[tuple(slice(a, b) for a, b in zip(start, end, strict=True))]
    eye.session.set_shapes({"a": BoxMask(tuple(start), part)})
    eye.session.set_tints((Tint("a", GREEN),))
    picture, _ = eye.see(preset=preset)
    red, green, blue = box(picture, -25, 0)
    assert green > 0.3 and green > 1.1 * blue and green > 4 * red
    tall = np.flatnonzero(picture[:, SIDE // 2 - 25, 1] > 1.5 * picture[:, SIDE // 2 - 25, 0] + 0.1)
    assert 11 <= len(tall) <= 17  # as large as its mask, 14 mm
    eye.session.set_tints((Tint("a", (0.9, 0.6, 0.0)),))
    red, green, blue = box(eye.see(preset=preset)[0], -25, 0)
    assert red > 1.1 * green and red > 4 * blue
    eye.session.set_tints(())
    assert box(eye.see(preset=preset)[0], -25, 0)[2] < 0.9


def test_a_finding_without_a_mask_is_a_ball(eye: Eye) -> None:
    eye.session.set_tints((Tint("b", GREEN, (30.0, 0.0, 20.0), 5.0),))
    picture, _ = eye.see()
    assert box(picture, 30, -20)[1] > 0.3
    assert box(picture, 30 + 7, -20)[1] < 0.3


def test_glass_that_is_hidden_is_not_drawn(eye: Eye) -> None:
    picture, _ = eye.see(hidden=(1,))
    assert box(picture, -25 - 16, 0).max() < 0.02 < box(picture, 25 + 16, 0).max()


def test_a_moving_picture_is_coarse_and_shows_the_same(eye: Eye) -> None:
    full, _ = eye.see()
    coarse, told = eye.see(moving=True)
    assert not told.full and told.width < SIDE
    rows = np.arange(SIDE) * told.height // SIDE
    columns = np.arange(SIDE) * told.width // SIDE
    assert abs(coarse[rows][:, columns] - full).mean() < 0.05


def test_an_airway_that_is_not_there_is_told(eye: Eye) -> None:
    picture, told = eye.see(preset="airways")
    assert told.airway is False
    assert eye.see()[1].airway is None
    assert picture.max() < 1  # the glass alone


def test_arteries_without_contrast_are_told(eye: Eye) -> None:
    _, told = eye.see(preset="arteries")
    assert told.blood is False
    assert eye.see()[1].blood is None


def test_arteries_show_enhanced_blood_and_no_rib(
    eye: Eye, session: VolumeSession, qtbot: QtBot
) -> None:
    """Between the lungs, where without contrast nothing would be seen, and in them."""
    geometry = lying("HFS")
    hu, lungs = chest(geometry)
    x, y, z = np.moveaxis(places(geometry), -1, 0)
    hu[(abs(x) < 10) & (abs(y) < 12) & (abs(z) < 12)] = 300
    hu[(lungs.labels > 0) & (hu == VESSEL_HU)] = 300
    with Block.create(hu.shape, "int16") as block:
        block.array[...] = hu
        session.set_scan(block.ref, geometry)
        session.set_lungs(lungs, {1: BLUE, 2: YELLOW})
        picture, told = eye.see(preset="arteries")
        assert told.blood is True
        heart, rib = box(picture, 0, 0), box(picture, 38, 0)
        assert heart[0] > heart[2] + 0.1, "red"
        assert rib.max() < 0.2, "the glass alone"
        session.set_scan(None, None)


def test_what_a_preset_needs_is_given_up_once_something_newer_is_wanted() -> None:
    from viewer.volume.presets import volume_preset
    from viewer.volume.stage import Stage

    class Nothing:
        """A scene that draws nothing."""

        def __getattr__(self, name: str) -> object:
            return lambda *_args, **_more: None

    geometry = lying("HFS")
    hu, _ = chest(geometry)
    stage = Stage(Nothing(), CPU, threads=1, widest=512)  # type: ignore[arg-type]
    with Block.create(hu.shape, "int16") as block:
        block.array[...] = hu
        affine = tuple(float(n) for n in geometry.affine.ravel())
        stage.show_scan(ShowScan(VolumeRef(block.ref, affine, "", ""), 1.0))
        asked = iter((True, False))
        assert not stage.set_up(volume_preset("bone"), wanted=lambda: next(asked))
        assert stage.set_up(volume_preset("bone"))
        stage.show_scan(ShowScan(None))


def test_the_first_picture_is_of_wide_cubes_and_the_fine_ones_come_at_rest() -> None:
    """What stands fine stays so while it moves, and another preset begins coarse again."""
    from viewer.volume.presets import volume_preset
    from viewer.volume.stage import Stage

    stood: list[list[float]] = []

    class Noted:
        """A scene that only notes the cubes of its volumes."""

        def set_volumes(self, volumes: tuple[tuple[np.ndarray, Grid], ...]) -> None:
            if volumes:
                stood.append([grid.mm for _, grid in volumes])

        def __getattr__(self, name: str) -> object:
            return lambda *_args, **_more: None

    geometry = lying("HFS")
    hu, _ = chest(geometry)
    stage = Stage(Noted(), CPU, threads=1, widest=512)  # type: ignore[arg-type]
    with Block.create(hu.shape, "int16") as block:
        block.array[...] = hu
        affine = tuple(float(n) for n in geometry.affine.ravel())
        stage.show_scan(ShowScan(VolumeRef(block.ref, affine, "", ""), 1.0))
        for preset, coarse in (
            ("bone", True), ("bone", True), ("bone", False), ("bone", True), ("skin", True),
        ):  # fmt: skip
            assert stage.set_up(volume_preset(preset), coarse=coarse)
        stage.show_scan(ShowScan(None))
    (first,), (fine, halved), (second,) = stood
    assert first == halved == 2 * fine == second


def test_a_region_is_measured_where_it_lies_and_on_no_more_of_its_grid() -> None:
    from viewer.volume.grid import beyond_mm
    from viewer.volume.stage import MARGIN_MM, _region_of

    grid = Grid((-30.0, 10.0, 5.0), 2.0, (60, 50, 40))
    mask = np.zeros(grid.shape_zyx, dtype=bool)
    mask[20:28, 30:35, 0:9] = True
    region = _region_of(mask, grid)
    assert region is not None
    far = round(MARGIN_MM / grid.mm)
    assert region.grid.shape_zyx == (8 + 2 * far, 5 + 2 * far, 9 + far)
    assert region.grid.origin_lps == (-30.0, 10.0 + 2 * (30 - far), 5.0 + 2 * (20 - far))
    whole = beyond_mm(mask, grid.mm)[20 - far : 28 + far, 30 - far : 35 + far, : 9 + far]
    assert np.allclose(region.depth_mm, whole.clip(-MARGIN_MM, MARGIN_MM))
    assert _region_of(mask & False, grid) is None


@pytest.mark.parametrize("mm", [1.0, 1.5, 2.0, 3.0])
def test_near_an_edge_distances_are_exact_and_further_away_they_are_the_limit(mm: float) -> None:
    from viewer.volume.grid import beyond_mm, near_edge_mm

    draw = np.random.default_rng(7)
    for shape, share in (((30, 25, 20), 0.02), ((9, 2, 40), 0.5), ((25, 25, 25), 0.995)):
        mask = draw.random(shape) < share
        exact = beyond_mm(mask, mm).clip(-6, 6)
        assert np.allclose(near_edge_mm(mask, mm, 6.0), exact, atol=1e-5)
    assert (near_edge_mm(np.ones((4, 4, 4), dtype=bool), mm, 6.0) == 6).all()


def test_a_full_picture_is_let_go_for_something_newer(
    eye: Eye, session: VolumeSession, qtbot: QtBot
) -> None:
    eye.see()
    seen: list[Drawn] = []
    session.arrived.connect(lambda came: seen.append(came.told))
    large = replace(LOOK, width=1400, height=1400, camera=VolumeCamera(mm_per_px=0.1))
    for azimuth in range(6):
        session.look(replace(large, camera=large.camera.at(azimuth, 0)))
    session.look(replace(LOOK, moving=True))
    qtbot.waitUntil(lambda: bool(seen) and not seen[-1].full, timeout=LONGEST_MS)
    assert len(seen) < 7


def test_a_block_that_was_taken_back_costs_nothing(eye: Eye, session: VolumeSession) -> None:
    gone = ShowLungs(BlockRef("hilum-1-999999", (4, 4, 4), "uint8"), (1.0,) * 16)
    session._client.tell(gone)
    session.set_lungs(*_lungs())
    assert box(eye.see()[0], 25 + 16, 0).max() > 0.1


def _lungs() -> tuple[LabelMap, dict[int, tuple[float, float, float]]]:
    return two_balls(lying("HFS"), radius_mm=18.0, apart_mm=25.0), {1: BLUE, 2: YELLOW}


def test_a_scan_without_lungs_shows_its_bones(eye: Eye, session: VolumeSession) -> None:
    session.set_lungs(None, {})
    assert box(eye.see(preset="bone")[0], 0, 0).mean() > 0.2
    assert eye.see(preset="glass")[0].max() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_leaves_the_time_to_the_window_after_its_first_full_picture(
    eye: Eye, session: VolumeSession, qtbot: QtBot
) -> None:
    session.close()
    with qtbot.waitSignal(session.ready, timeout=LONGEST_MS):
        session.start()
    eye.see(moving=True)
    pid = session._client._child.pid  # type: ignore[union-attr]
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, pid) <= own, "what the first drag waits for comes next"
    eye.see()
    assert os.getpriority(os.PRIO_PROCESS, pid) == 19
    assert os.getpriority(os.PRIO_PROCESS, 0) < 19


def test_killed_it_is_told_once_and_the_next_one_draws_the_same_scan(
    eye: Eye, session: VolumeSession, qtbot: QtBot
) -> None:
    expected, _ = eye.see()
    with qtbot.waitSignal(session.ended, timeout=LONGEST_MS) as ended:
        os.kill(session._client._child.pid, signal.SIGKILL)  # type: ignore[union-attr]
    assert ended.args == [True] and not session.running
    with qtbot.waitSignal(session.ready, timeout=LONGEST_MS):
        session.start(software=True)
    assert session.about.route == CPU
    picture, _ = eye.see()
    assert abs(picture - expected).mean() < 0.01


def test_a_driver_that_does_not_start_ends_its_process_alone(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere")
    monkeypatch.setenv("GALLIUM_DRIVER", "nothing")
    monkeypatch.setenv("LIBGL_DRIVERS_PATH", "/nowhere")
    broken = VolumeSession()
    with qtbot.waitSignal(broken.ended, timeout=LONGEST_MS) as ended:
        broken.start()
    assert ended.args == [False] and broken.about is None
    broken.close()
    capfd.readouterr()  # the trace that the child leaves on stderr


def test_the_windows_end_loads_no_rendering() -> None:
    code = (
        "import viewer.volume.view, viewer.volume.process, sys;"
        "bad = [m for m in sys.modules if 'vtkRendering' in m or m in ('torch', 'scipy')];"
        "sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_child_loads_no_qt_no_dicom_and_no_torch() -> None:
    code = (
        "import viewer.volume.process, viewer.volume.stage, sys;"
        "bad = {'PySide6', 'pydicom', 'torch', 'highdicom'} & set(sys.modules);"
        "sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
