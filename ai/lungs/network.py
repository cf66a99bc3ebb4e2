"""The lungs by a trained network: asked at 3 mm, its border drawn anew on the scan's own voxels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from scipy import ndimage

from ai.errors import OutsideError
from ai.lungs.airway import find_airway
from ai.lungs.body import Bools, around, body_mask, near_mm
from ai.lungs.border import nearest_side, slabs
from ai.lungs.bumps import take_in_bumps
from ai.lungs.close import close_lungs
from ai.lungs.held import Held, stood_up
from ai.lungs.pen import Drawing, pen_for
from ai.lungs.shifts import blocks, grown, opened
from ai.lungs.tidy import beyond_air, tidied
from ai.lungs.upright import Floats32, Upright
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
LEAST_LUNG_ML = 50.0
PLAIN_AIR_HU = -700.0
ADDED_CHANCE = 0.6
"""What closing takes in counts as a little likelier than not: its border is a smooth one."""
CLASSICAL = "Choose Lungs (classical): it needs no network."


class ModelFailed(OutsideError):
    """A network ran and its answer cannot be used."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What the network said: its answer lies in a box of the upright copy; who answered, how.

    bottleneck: what OnCpu.listen was told for each window; none where memory was short.
    held: the scan on the GPU that answered, if it has room. remark: what gave way before.
    """

    upright: Upright
    body: Bools
    box: tuple[slice, ...]
    answer: Answer
    card: ModelCard
    network: OnCpu
    bottleneck: tuple[Floats32, ...] = ()
    held: Held | None = None
    remark: str = ""

    @property
    def made_by(self) -> MadeBy:
        return self.made_with("")

    def made_with(self, remark: str) -> MadeBy:
        """What answered, with what was done otherwise, this last remark included."""
        device = self.answer.device
        remarks = (self.network.remark, self.remark, self.answer.remark, remark)
        return replace(
            self.card.made_by,
            weights_sha256=self.card.weights_sha256,
            runtime=self.network.runtime(device),
            device=named(device),
            remark=" ".join(one for one in remarks if one),
        )


def ask_network(volume: Volume, *, card: ModelCard, on_progress: OnProgress = ignore) -> Asked:
    """The card's network about a scan; on_progress runs up to 0.55.

    Raises as lungs_by_network does.
    """
    on_progress(0.0, "Waking the network")
    network = _network(card)
    on_progress(0.1, "Turning the scan upright")
    device = choose_device()
    upright, held, remark = stood_up(volume, spacing_mm=card.spacing_mm, device=device)
    on_progress(0.17, "Finding the body")
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
            device=device,
            fill=-1.0,
            on_progress=part(on_progress, 0.2, 0.55),
        )
    except NoAnswer as error:
        raise ModelFailed(f"{card.title} returned no numbers for this scan.", CLASSICAL) from error
    finally:
        network.listen = deaf
    # Windows of a retry say something else than those of a whole scan.
    windows = () if answer.remark else tuple(heard)
    room = held if not answer.remark else None
    return Asked(upright, body, box, answer, card, network, windows, room, remark)


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
    on_progress(0.55, "Following the airway")
    upright, body, box, answer = asked.upright, asked.body, asked.box, asked.answer
    sides = np.zeros(upright.hu.shape, dtype=np.uint8)
    chance = np.zeros(upright.hu.shape, dtype=np.float32)
    sides[box], chance[box] = tidied(answer.labels, answer.chance)
    # With its wall: a network of 3 mm leaves a ring of it in a lung that lies against the windpipe.
    airway = grown(find_airway(upright.hu, body, upright.spacing_mm))
    sides[airway], chance[airway] = 0, 0.0
    beyond = beyond_air(sides, upright, card)
    sides[beyond], chance[beyond] = 0, 0.0
    if (sides > 0).sum() * float(np.prod(card.spacing_mm)) / 1000 < LEAST_LUNG_ML:
        raise ModelFailed(f"{card.title} found no lung in this scan.", CLASSICAL)
    own, remark = _refined(asked, sides, chance, part(on_progress, 0.6, 0.9))
    own = take_in_bumps(own, upright, on_progress=part(on_progress, 0.9, 1.0))
    on_progress(1.0, "Turning the labels back")
    return np.ascontiguousarray(upright.turn.stored(own)), asked.made_with(remark)


@lru_cache(maxsize=2)
def _network(card: ModelCard) -> OnCpu:
    """The card's network, kept warm between scans."""
    use_threads()
    return OnCpu(build(weights_of(card)), card.hu_range)


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


def _refined(
    asked: Asked, sides: Labels, chance: Floats32, on_progress: OnProgress
) -> tuple[Labels, str]:
    """Both lungs on the scan's own turned grid; and why another device drew than was asked.

    Where lung meets tissue the border lies where the scan crosses the card's air_hu, within its
    band_mm of the network's border. Where the lung is dense the network's own border stands, at
    even chance. Plain air outside the network's lungs is airway or bowel, and stays out.
    """
    upright, body, card = asked.upright, asked.body, asked.card
    own = upright.blank()
    band, air_hu = card.operating_point("band_mm"), card.operating_point("air_hu")
    lung = sides > 0
    plain = opened(~lung & (upright.hu < PLAIN_AIR_HU))
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
        depth=_depth(lung, upright.spacing_mm, reach_mm=band),
        chance=chance.astype(np.float32, copy=False),
        tissue=grown(dense | added).astype(np.float32),
        out=plain.astype(np.float32),
        nearest=nearest_side(closed, upright.spacing_mm, reach_mm=band),
        band_mm=band,
        air_hu=air_hu,
    )
    drawn = pen_for(asked.answer.device, upright, drawing, asked.held)
    for done, box in slabs(upright, lung, reach_mm=band):
        on_progress(done, "Drawing the border")
        own[box] = drawn(box)
    return own, drawn.remark


def _dense(hu: Floats32, lung: Bools, chance: Floats32, card: ModelCard) -> Bools:
    """Lung that holds no air: not the rim of voxels that lung and wall share.

    A rim is one voxel thick; disease is thicker, or, if it is a small nodule, dense and sure.
    """
    airless = lung & (hu > card.operating_point("air_hu"))
    sure = (hu > card.operating_point("dense_hu")) & (chance > card.operating_point("sure"))
    return blocks(airless) | (lung & sure)


def _depth(lung: Bools, spacing_mm: tuple[float, float, float], *, reach_mm: float) -> Floats32:
    """Signed distance in mm, above 0 inside, to the faces of the outermost voxels.

    Right as far as reach_mm, between voxels too; beyond it no nearer to 0 than that.
    """
    half, far = spacing_mm[1] / 2, reach_mm + 2 * float(np.linalg.norm(spacing_mm))
    depth = np.full(lung.shape, half - far, dtype=np.float32)
    box = around(lung, spacing_mm, far)
    inside = lung[box]
    inward = near_mm(~inside, spacing_mm, far) - half
    depth[box] = np.where(inside, inward, half - near_mm(inside, spacing_mm, far))
    return depth
