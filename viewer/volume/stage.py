"""What is to be drawn: grids, masks and surfaces, each made when a picture first needs it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.worker.messages import VolumeRef
from ai.worker.shared import Block
from viewer.volume import meshes
from viewer.volume.camera import box_lps
from viewer.volume.grid import (
    AIR_HU,
    Bools,
    Floats32,
    Grid,
    Hu,
    halved,
    masked,
    near_edge_mm,
    resampled,
    smoothed,
)
from viewer.volume.messages import (
    GPU,
    ShowFindings,
    ShowLungs,
    ShowScan,
    ShowShapes,
    Tint,
)
from viewer.volume.presets import AIRWAY, BODY, CHEST, LUNGS, VolumePreset
from viewer.volume.scene import Glass, Scene

FINE_MM, LEAST_MM = 1.0, 0.5
MOST_CUBES, MOST_BODY_CUBES, MOST_CUBES_GPU = 16_000_000, 10_000_000, 120_000_000
"""Without a GPU: what one core casts in half a second, and lights in half a second. A body is less
clear than lungs and takes longer."""

LUNG_MM, CHEST_MM, AIRWAY_MM, BODY_MM = 2.0, 4.0, 1.5, 3.0
"""Cubes on which each region is found."""

SHELL_MM = (2.0, 4.0)
"""Cubes from which the glass is made: at rest, and while it moves."""

FULL = 255
MARGIN_MM = 6.0
NECK_MM = 60.0
"""The windpipe is looked for so far above the lungs."""

BODY_GROW_MM = 4.0


@dataclass(frozen=True, eq=False)
class Region:
    """Where rays may go: mm from its edge (above 0 inside) on a grid of its own."""

    depth_mm: Floats32
    grid: Grid

    @property
    def box(self) -> NDArray[np.float64]:
        """(2, 3): corners in LPS mm of the part that holds any of it, with a margin."""
        inside = np.argwhere(self.depth_mm > 0)
        low, high = inside.min(axis=0), inside.max(axis=0)
        corners = self.grid.geometry.lps_of(np.array([low, high]))
        return corners + np.array([[-MARGIN_MM], [MARGIN_MM]])


@dataclass(frozen=True, eq=False)
class _Scan:
    geometry: Geometry
    hu: Hu
    block: Block
    gradient: float


@dataclass(frozen=True)
class _Standing:
    """What the scene holds. coarse: of the first picture's cubes alone."""

    preset: str
    hidden: tuple[int, ...]
    coarse: bool


@dataclass
class _Made:
    """What was made of the scan and the lungs that stand; born anew with each of them."""

    regions: dict[str, Region | None] = field(default_factory=dict)
    cut: dict[str, tuple[Hu, Grid]] = field(default_factory=dict)
    skins: dict[tuple[int, float], vtkPolyData] = field(default_factory=dict)
    shines: bool = False


class Stage:
    """Takes in what the window tells, and keeps the scene as the next picture needs it."""

    def __init__(self, scene: Scene, route: str, *, threads: int, widest: int) -> None:
        """widest: cubes a side of a volume at most."""
        self._scene, self._route = scene, route
        self._threads, self._widest = threads, widest
        self._scan: _Scan | None = None
        self._lungs: ShowLungs | None = None
        self._labels: Block | None = None
        self._arena: Block | None = None
        self._shapes: dict[str, BoxMask] = {}
        self._surfaces: dict[str, vtkPolyData] = {}
        self._made = _Made()
        self._standing: _Standing | None = None

    @property
    def has_scan(self) -> bool:
        return self._scan is not None

    def airway_found(self, preset: VolumePreset) -> bool | None:
        """Whether there is an airway to follow; None for presets that do not ask."""
        return None if preset.region != AIRWAY else self._made.regions.get(AIRWAY) is not None

    def blood_shines(self, preset: VolumePreset) -> bool | None:
        """Whether contrast makes the blood stand out; None for presets that do not ask."""
        return None if preset.region != CHEST else self._made.shines

    # What the window tells

    def show_scan(self, message: ShowScan) -> None:
        if self._scan is not None:
            self._scan.block.free()
        self._scan = _scan_of(message.volume, message.gradient) if message.volume else None
        self.show_lungs(ShowLungs(None))
        self.show_shapes(ShowShapes(None))
        self.show_findings(ShowFindings())
        self._scene.set_volumes(())

    def show_lungs(self, message: ShowLungs) -> None:
        if self._labels is not None:
            self._labels.free()
        self._lungs = message
        self._labels = Block.attach(message.labels) if message.labels else None
        self._made = _Made()
        self._standing = None

    def show_shapes(self, message: ShowShapes) -> None:
        self._shapes, self._surfaces = {}, {}
        if self._arena is not None:
            self._arena.free()
        self._arena = Block.attach(message.arena) if message.arena else None
        for shape in message.shapes:
            assert self._arena is not None
            size = int(np.prod(shape.mask.shape))
            part = self._arena.array[shape.mask.offset : shape.mask.offset + size]
            voxels = part.reshape(shape.mask.shape) > 0
            self._shapes[shape.id] = BoxMask(shape.mask.start_kji, voxels)

    def show_findings(self, message: ShowFindings) -> None:
        self._scene.set_findings(
            {tint.id: (self._surface(tint), tint.rgb) for tint in message.tints}
        )

    def _surface(self, tint: Tint) -> vtkPolyData:
        """The finding's voxels, else a ball of its size."""
        shape = self._shapes.get(tint.id)
        if shape is None or self._scan is None:
            return meshes.ball(tint.centre_lps, tint.radius_mm)
        if tint.id not in self._surfaces:
            self._surfaces[tint.id] = meshes.finding_surface(shape, self._scan.geometry)
        return self._surfaces[tint.id]

    # What a picture needs

    def set_up(
        self,
        preset: VolumePreset,
        *,
        hidden: tuple[int, ...] = (),
        coarse: bool = False,
        wanted: Callable[[], bool] = lambda: True,
    ) -> bool:
        """The scan as this preset shows it; what stands already is left alone.

        hidden: labels whose glass is not drawn. coarse: where nothing of this preset stands yet,
        cubes of twice the side will do, for a reader waits for the picture. wanted: asked between
        steps that take long; once it says no, what stood still stands, and the answer is False.
        """
        there = self._standing
        if there is None or there.preset != preset.id or (there.coarse and not coarse):
            volumes = self._volumes(preset, wanted, coarse=coarse)
            if volumes is None:
                return False
            self._scene.set_volumes(volumes)
            scan = self._scan
            self._scene.set_preset(preset, gradient=scan.gradient if scan else 1.0)
            new = _Standing(preset.id, hidden, coarse)
        else:
            new = replace(there, hidden=hidden)
        if new != there:
            self._scene.set_shells(self._shells(hidden, coarse=new.coarse), preset.shell)
            self._standing = new
        return True

    def _volumes(
        self, preset: VolumePreset, wanted: Callable[[], bool], *, coarse: bool
    ) -> tuple[tuple[Hu, Grid], ...] | None:
        """None once something newer is wanted."""
        if not wanted():
            return None
        region = self._region(preset.region)
        if self._scan is None or region is None:
            return ()
        if not wanted():
            return None
        hu, grid = self._cut(preset.region, region)
        if coarse:
            hu, grid = halved(hu, grid)
        if not wanted():
            return None
        grow = BODY_GROW_MM if preset.region == BODY else preset.grow_mm
        fine = masked(
            hu, grid, region.depth_mm, region.grid,
            grow_mm=grow, outside_hu=preset.outside_hu, threads=self._threads,
        )  # fmt: skip
        if preset.smooth_mm:
            fine = smoothed(fine, preset.smooth_mm / grid.mm)
        return ((fine, grid),) if coarse else ((fine, grid), halved(fine, grid))

    def _cut(self, name: str, region: Region) -> tuple[Hu, Grid]:
        """HU on the fine grid over a region; only the last one is kept, for it is large."""
        if name in self._made.cut:
            return self._made.cut[name]
        assert self._scan is not None
        on_gpu = self._route == GPU
        mm = max(LEAST_MM, min(self._scan.geometry.spacing_kji_mm)) if on_gpu else FINE_MM
        low, high = region.box
        mm = max(mm, float((high - low).max()) / (self._widest - 2))
        on_cpu = MOST_BODY_CUBES if name == BODY else MOST_CUBES
        most = MOST_CUBES_GPU if on_gpu else on_cpu
        grid = Grid.over(low, high, mm=mm, most=most)
        self._made.cut = {name: (self._resampled(grid, smooth=True), grid)}
        return self._made.cut[name]

    def _resampled(self, grid: Grid, *, smooth: bool) -> Hu:
        assert self._scan is not None
        return resampled(
            self._scan.hu, self._scan.geometry, grid,
            outside=AIR_HU, smooth=smooth, threads=self._threads,
        )  # fmt: skip

    # Regions

    def _region(self, name: str) -> Region | None:
        if name not in self._made.regions:
            find = {
                LUNGS: self._lung_region,
                CHEST: self._chest_region,
                AIRWAY: self._airway_region,
                BODY: self._body_region,
            }
            self._made.regions[name] = find[name]() if self._scan else None
        return self._made.regions[name]

    def _lung_share(
        self, label: int = 0, *, mm: float = LUNG_MM, margin_mm: float = MARGIN_MM
    ) -> tuple[Floats32, Grid] | None:
        """How much of each cube one lung fills (label 0: both), 0 to 1; None without lungs."""
        if self._labels is None or self._lungs is None:
            return None
        affine = np.array(self._lungs.affine).reshape(4, 4)
        k, j, i = self._labels.ref.shape
        geometry = Geometry((k, j, i), affine)
        labels = self._labels.array
        chosen = (labels == label if label else labels > 0).astype(np.uint8) * FULL
        grid = Grid.over(*box_lps(geometry, margin_mm), mm=mm, most=MOST_CUBES)
        share = resampled(chosen, geometry, grid, outside=0, smooth=True, threads=self._threads)
        return share.astype(np.float32) / np.float32(FULL), grid

    def _lung_region(self) -> Region | None:
        found = self._lung_share()
        return None if found is None else _region_of(found[0] > 0.5, found[1])

    def _chest_region(self) -> Region | None:
        """The lungs and what lies between them; whether its blood shines is found with it."""
        from viewer.volume.between import between, blood_shines, room_for

        found = self._lung_share(mm=CHEST_MM, margin_mm=room_for())
        if found is None:
            return None
        lungs, grid = found[0] > 0.5, found[1]
        depth = between(lungs, grid.mm)
        self._made.shines = blood_shines(self._resampled(grid, smooth=True), lungs, depth)
        return Region(depth, grid) if (depth > 0).any() else None

    def _airway_region(self) -> Region | None:
        from ai.lungs.airway import find_airway
        from ai.lungs.body import body_mask

        assert self._scan is not None
        low, high = box_lps(self._scan.geometry)
        lungs = self._region(LUNGS)
        if lungs is not None:
            inner_low, inner_high = lungs.box
            low = np.maximum(low, inner_low - 3 * MARGIN_MM)
            above = np.array([3 * MARGIN_MM, 3 * MARGIN_MM, NECK_MM])
            high = np.minimum(high, inner_high + above)
        grid = Grid.over(low, high, mm=AIRWAY_MM, most=MOST_CUBES)
        hu = self._resampled(grid, smooth=True).astype(np.float32)
        spacing = (grid.mm,) * 3
        return _region_of(find_airway(hu, body_mask(hu, spacing), spacing), grid)

    def _body_region(self) -> Region | None:
        from ai.lungs.body import body_mask

        assert self._scan is not None
        low, high = box_lps(self._scan.geometry)
        grid = Grid.over(low, high, mm=BODY_MM, most=MOST_CUBES)
        hu = self._resampled(grid, smooth=True).astype(np.float32)
        return _region_of(body_mask(hu, (grid.mm,) * 3), grid)

    def _shells(self, hidden: tuple[int, ...], *, coarse: bool) -> tuple[Glass, ...]:
        every = self._lungs.shells if self._lungs else ()
        fine_mm, coarse_mm = SHELL_MM
        return tuple(
            Glass(
                one.label,
                one.rgb,
                self._skin(one.label, coarse_mm if coarse else fine_mm),
                self._skin(one.label, coarse_mm),
            )
            for one in every
            if one.label not in hidden
        )

    def _skin(self, label: int, mm: float) -> vtkPolyData:
        if (label, mm) not in self._made.skins:
            found = self._lung_share(label, mm=mm)
            assert found is not None
            self._made.skins[label, mm] = meshes.shell(*found)
        return self._made.skins[label, mm]


def _scan_of(ref: VolumeRef, gradient: float) -> _Scan:
    block = Block.attach(ref.block)
    k, j, i = ref.block.shape
    affine = np.array(ref.affine, dtype=np.float64).reshape(4, 4)
    return _Scan(Geometry((k, j, i), affine), block.array, block, gradient)


def _region_of(mask: Bools, grid: Grid) -> Region | None:
    """How far from the edge of a mask, up to a margin, on that part of its grid where rays go."""
    if not mask.any():
        return None
    margin = math.ceil(MARGIN_MM / grid.mm)
    spans = []
    for axis in range(3):
        found = np.flatnonzero(mask.any(axis=tuple(n for n in range(3) if n != axis)))
        spans.append((max(0, int(found[0]) - margin), int(found[-1]) + margin + 1))
    part = mask[tuple(slice(a, b) for a, b in spans)]
    origin = grid.geometry.lps_of(np.array([a for a, _ in spans]))
    x, y, z = (float(n) for n in origin)
    k, j, i = part.shape
    depth = near_edge_mm(part, grid.mm, MARGIN_MM)
    return Region(depth, Grid((x, y, z), grid.mm, (k, j, i)))
