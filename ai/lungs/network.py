"""The lungs by a trained network: asked at 3 mm, its border drawn anew on the scan's own voxels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from ai.errors import OutsideError
from ai.lungs.airway import find_airway
from ai.lungs.body import Bools, body_mask, distance_mm
from ai.lungs.border import nearest_side, own_box
from ai.lungs.bumps import take_in_bumps
from ai.lungs.close import close_lungs
from ai.lungs.pen import Drawing, pen_for
from ai.lungs.split import LEFT, RIGHT
from ai.lungs.upright import Floats32, Upright, stand_up
from ai.models.card import ModelCard
from ai.models.device import choose_device, named, use_threads
from ai.models.fast_cpu import OnCpu, deaf
from ai.models.networks import build, scaled
from ai.models.sliding import Answer, NoAnswer, ask
from ai.models.weights import weights_of
from ai.progress import OnProgress, ignore, part
from ai.scan.labelmap import Labels, MadeBy
from ai.scan.volume import Volume

WINDOW = (144, 128, 160)
"""Sides in voxels; the network learnt on whole chests of 112 x 96 x 128."""
MARGIN_MM = 12.0
"""Around the body; beyond it there is nothing but air and couch."""
LEAST_PIECE = 0.03
"""Of a lung; smaller pieces apart from it are mistakes."""
LEAST_LUNG_ML = 50.0
PLAIN_AIR_HU = -700.0
AIR_MM2, BEYOND_MM = 300.0, 24.0
ADDED_CHANCE = 0.6
"""What closing takes in counts as a little likelier than not: its border is a smooth one."""
SLAB = 24
CLASSICAL = "Choose Lungs (classical): it needs no network."


class ModelFailed(OutsideError):
    """A network ran and its answer cannot be used."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What the network said: its answer lies in a box of the upright copy; who answered, how.

    bottleneck: what OnCpu.listen was told for each window; none where memory was short.
    """

    upright: Upright
    body: Bools
    box: tuple[slice, ...]
    answer: Answer
    card: ModelCard
    network: OnCpu
    bottleneck: tuple[Floats32, ...] = ()

    @property
    def made_by(self) -> MadeBy:
        return _made_by(self.card, self.network, self.answer)


def ask_network(volume: Volume, *, card: ModelCard, on_progress: OnProgress = ignore) -> Asked:
    """The card's network about a scan; on_progress runs up to 0.55.

    Raises as lungs_by_network does.
    """
    on_progress(0.0, "Waking the network")
    network = _network(card)
    on_progress(0.1, "Turning the scan upright")
    upright = stand_up(volume, spacing_mm=card.spacing_mm)
    on_progress(0.17, "Turning the scan upright")
    body = body_mask(upright.hu, upright.spacing_mm)
    box = _box_of(body, upright.spacing_mm)
    image = scaled(torch.from_numpy(upright.hu[box]), card.hu_range).numpy()
    on_progress(0.2, "Asking the network")
    heard: list[Floats32] = []
    try:
        network.listen = heard.append
        answer = ask(
            network,
            image,
            multiple=network.multiple,
            window=WINDOW,
            device=choose_device(),
            fill=-1.0,
            on_progress=part(on_progress, 0.2, 0.55),
        )
    except NoAnswer as error:
        raise ModelFailed(f"{card.title} returned no numbers for this scan.", CLASSICAL) from error
    finally:
        network.listen = deaf
    # Windows of a retry say something else than those of a whole scan.
    windows = () if answer.remark else tuple(heard)
    return Asked(upright, body, box, answer, card, network, windows)


def lungs_by_network(
    volume: Volume,
    *,
    card: ModelCard,
    on_progress: OnProgress = ignore,
    on_bottleneck: Callable[[tuple[Floats32, ...]], None] = lambda _windows: None,
) -> tuple[Labels, MadeBy]:
    """Right (1) and left (2) lung on the volume's own grid, uint8 (K, J, I), and what found them:
    weights, runtime, device.

    on_bottleneck: told Asked.bottleneck, for the gate to look at.
    Raises BadWeights when the card's weights are not there or not its own, ModelFailed when the
    answer holds no number or no lung, OutOfMemory when no device can hold the work.
    """
    asked = ask_network(volume, card=card, on_progress=on_progress)
    on_bottleneck(asked.bottleneck)
    on_progress(0.55, "Closing over vessels and nodules")
    upright, body, box, answer = asked.upright, asked.body, asked.box, asked.answer
    sides = np.zeros(upright.hu.shape, dtype=np.uint8)
    chance = np.zeros(upright.hu.shape, dtype=np.float32)
    sides[box], chance[box] = _tidy(answer)
    # With its wall: a network of 3 mm leaves a ring of it in a lung that lies against the windpipe.
    airway = ndimage.binary_dilation(find_airway(upright.hu, body, upright.spacing_mm))
    sides[airway], chance[airway] = 0, 0.0
    beyond = _beyond_air(sides, upright, card)
    sides[beyond], chance[beyond] = 0, 0.0
    if (sides > 0).sum() * float(np.prod(card.spacing_mm)) / 1000 < LEAST_LUNG_ML:
        raise ModelFailed(f"{card.title} found no lung in this scan.", CLASSICAL)
    on_progress(0.55, "Closing over vessels and nodules")
    own = _refined(upright, sides, chance, body, card, answer.device, part(on_progress, 0.6, 0.9))
    own = take_in_bumps(own, upright, on_progress=part(on_progress, 0.9, 1.0))
    return np.ascontiguousarray(upright.turn.stored(own)), asked.made_by


@lru_cache(maxsize=2)
def _network(card: ModelCard) -> OnCpu:
    """The card's network, kept warm between scans."""
    use_threads()
    return OnCpu(build(weights_of(card)), card.hu_range)


def _made_by(card: ModelCard, network: OnCpu, answer: Answer) -> MadeBy:
    remarks = (network.remark, answer.remark)
    return replace(
        card.made_by,
        weights_sha256=card.weights_sha256,
        runtime=network.runtime(answer.device),
        device=named(answer.device),
        remark=" ".join(remark for remark in remarks if remark),
    )


def _box_of(body: Bools, spacing_mm: tuple[float, float, float]) -> tuple[slice, ...]:
    """The body's box with a margin; the whole grid where no body is found."""
    if not body.any():
        return tuple(slice(0, n) for n in body.shape)
    found = ndimage.find_objects(body.astype(np.uint8))[0]
    box = []
    for b, mm, n in zip(found, spacing_mm, body.shape, strict=True):
        reach = round(MARGIN_MM / mm)
        box.append(slice(max(0, b.start - reach), min(n, b.stop + reach)))
    return tuple(box)


def _tidy(answer: Answer) -> tuple[Labels, Floats32]:
    """The answer with small pieces dropped, holes filled, and a crumb of the wrong side turned."""
    sides, chance = answer.labels.copy(), answer.chance
    for side in (RIGHT, LEFT):
        pieces, count = ndimage.label(sides == side)
        sizes = np.bincount(pieces.ravel(), minlength=count + 1)
        sizes[0] = 0
        small = sizes < LEAST_PIECE * sizes.max()
        small[0] = False
        crumbs = small[pieces]
        # A crumb that hangs on the other lung is a part of that; a lone one is nothing.
        beside = np.unique(pieces[crumbs & ndimage.binary_dilation(sides == 3 - side)])
        sides[crumbs] = 0
        sides[crumbs & np.isin(pieces, beside[beside > 0])] = 3 - side
    for side in (RIGHT, LEFT):
        holes = ndimage.binary_fill_holes(sides == side) & (sides == 0)
        sides[holes] = side
        chance = np.where(holes, 1.0, chance)
    return sides, np.where(sides > 0, np.maximum(chance, 0.5 + 1e-3), np.minimum(chance, 0.5))


def _beyond_air(sides: Labels, upright: Upright, card: ModelCard) -> NDArray[np.intp]:
    """Planes well above or below any lung that holds air: what looks dense there is no lung.

    One lung may be wholly airless, but the other then shows how far down the chest goes.
    """
    aerated = (sides > 0) & (upright.hu < card.operating_point("air_hu"))
    area_mm2 = aerated.sum(axis=(1, 2)) * upright.spacing_mm[1] * upright.spacing_mm[2]
    planes = np.arange(len(area_mm2))
    with_air = planes[area_mm2 >= AIR_MM2]
    if len(with_air) == 0:
        return with_air
    reach = round(BEYOND_MM / upright.spacing_mm[0])
    return planes[(planes < with_air[0] - reach) | (planes > with_air[-1] + reach)]


def _refined(
    upright: Upright,
    sides: Labels,
    chance: Floats32,
    body: Bools,
    card: ModelCard,
    device: torch.device,
    on_progress: OnProgress,
) -> Labels:
    """Both lungs on the scan's own turned grid.

    Where lung meets tissue the border lies where the scan crosses the card's air_hu, within its
    band_mm of the network's border. Where the lung is dense the network's own border stands, at
    even chance. Plain air outside the network's lungs is airway or bowel, and stays out.
    """
    own = np.zeros(upright.own_hu.shape, dtype=np.uint8)
    band, air_hu = card.operating_point("band_mm"), card.operating_point("air_hu")
    lung = sides > 0
    plain = ndimage.binary_opening(~lung & (upright.hu < PLAIN_AIR_HU))
    dense = _dense(upright.hu, lung, chance, card)
    on_progress(0.0, "Closing over vessels and nodules")
    closed = close_lungs(
        sides,
        ~body | plain,
        np.zeros_like(lung),
        radius_mm=card.operating_point("closing_mm"),
        wall_radius_mm=card.operating_point("wall_closing_mm"),
        spacing_mm=upright.spacing_mm,
    )
    added = (closed > 0) & ~lung
    lung |= added
    chance = np.where(added, np.maximum(chance, ADDED_CHANCE), chance)
    on_progress(0.0, "Drawing the border")
    drawing = Drawing(
        depth=_depth(lung, upright.spacing_mm),
        chance=chance.astype(np.float32, copy=False),
        tissue=ndimage.binary_dilation(dense | added).astype(np.float32),
        out=plain.astype(np.float32),
        nearest=nearest_side(closed, upright.spacing_mm),
        band_mm=band,
        air_hu=air_hu,
    )
    drawn = pen_for(device, upright, drawing)
    z_range, y_range, x_range = own_box(upright, lung, reach_mm=band)
    for z in range(z_range.start, z_range.stop, SLAB):
        done = (z - z_range.start) / (z_range.stop - z_range.start)
        on_progress(done, "Drawing the border")
        box = (slice(z, min(z + SLAB, z_range.stop)), y_range, x_range)
        own[box] = drawn(box)
    return own


def _dense(hu: Floats32, lung: Bools, chance: Floats32, card: ModelCard) -> Bools:
    """Lung that holds no air: not the rim of voxels that lung and wall share.

    A rim is one voxel thick; disease is thicker, or, if it is a small nodule, dense and sure.
    """
    airless = lung & (hu > card.operating_point("air_hu"))
    sure = (hu > card.operating_point("dense_hu")) & (chance > card.operating_point("sure"))
    return ndimage.binary_opening(airless, np.ones((2, 2, 2))) | (lung & sure)


def _depth(lung: Bools, spacing_mm: tuple[float, float, float]) -> Floats32:
    """Signed distance in mm, above 0 inside, to the faces of the outermost voxels."""
    half = spacing_mm[1] / 2
    inward = -distance_mm(~lung, spacing_mm) - half
    outward = distance_mm(lung, spacing_mm) + half
    return np.where(lung, inward, outward).astype(np.float32)
