"""A small public 2-D U-Net for the lungs, of the kind that evaluations stand beside ours.

Only for comparison: nothing of such a network ships, votes or teaches. It reads single axial slices
of raw CT numbers (air 0, water 1024), answers both lungs as one, and takes air outside the body for
lung now and then; so what lies outside the body goes, its largest pieces stay, holes are filled.
Architecture: github.com/knottwill/UNet-Small (MIT), by the description of its keys and shapes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn

from ai.errors import BadInput
from ai.lungs.body import body_mask, large_pieces
from ai.models.weights import BadWeights, read_weights
from ai.scan.volume import Volume

Bools = NDArray[np.bool_]

CHANNELS = (16, 32, 64, 128)
RAW_OF_WATER = 1024
SLICES_AT_ONCE = 4
MULTIPLE = 8
LEAST_SHARE = 0.1
"""A piece smaller than this share of the largest is no lung."""
ELSE = "Give the weights of a small U-Net as UNet-Small publishes them."


class PeerUNet(nn.Module):
    """Three halvings and back; batch norm; one logit a pixel. (N, 1, H, W), multiples of 8."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = CHANNELS
        self.conv1, self.conv2 = _double(1, a), _double(a, b)
        self.conv3, self.middle = _double(b, c), _double(c, d)
        self.upsample3, self.upconv3 = _doubled(d, c), _double(d, c)
        self.upsample2, self.upconv2 = _doubled(c, b), _double(c, b)
        self.upsample1, self.upconv1 = _doubled(b, a), _double(b, a)
        self.final = nn.Conv2d(a, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        half = nn.functional.max_pool2d
        first = self.conv1(image)
        second = self.conv2(half(first, 2))
        third = self.conv3(half(second, 2))
        out = self.middle(half(third, 2))
        out = self.upconv3(torch.cat((self.upsample3(out), third), dim=1))
        out = self.upconv2(torch.cat((self.upsample2(out), second), dim=1))
        out = self.upconv1(torch.cat((self.upsample1(out), first), dim=1))
        return self.final(out)


def _double(into: int, out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(into, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(),
        nn.Conv2d(out, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(),
    )  # fmt: skip


def _doubled(into: int, out: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(into, out, 3, stride=2, padding=1, output_padding=1)


def load_peer(path: Path) -> PeerUNet:
    """The network filled with a file of weights, ready to answer. Raises BadWeights."""
    network, found = PeerUNet(), read_weights(path).tensors
    own = network.state_dict()
    if {n: tuple(t.shape) for n, t in own.items()} != {n: t.shape for n, t in found.items()}:
        raise BadWeights(f"The weights {path.name} belong to no network that is known here.", ELSE)
    network.load_state_dict({name: torch.tensor(array) for name, array in found.items()})
    return network.eval()


def peer_lungs(volume: Volume, network: PeerUNet) -> Bools:
    """Both lungs as one on the volume's grid, cleaned with a body mask.

    Raises BadInput where a slice is not what the network reads.
    """
    if any(side % MULTIPLE for side in volume.hu.shape[1:]):
        raise BadInput(f"A peer reads slices whose sides are multiples of {MULTIPLE} alone.")
    bare = np.zeros(volume.hu.shape, dtype=np.bool_)
    with torch.inference_mode():
        for k in range(0, len(bare), SLICES_AT_ONCE):
            raw = volume.hu[k : k + SLICES_AT_ONCE].astype(np.float32) + RAW_OF_WATER
            image = torch.from_numpy(np.maximum(raw, 0))[:, None]
            bare[k : k + SLICES_AT_ONCE] = (network(image)[:, 0] > 0).numpy()
    body = body_mask(volume.hu.astype(np.float32), volume.geometry.spacing_kji_mm)
    return cleaned(bare, body)


def cleaned(bare: Bools, body: Bools) -> Bools:
    """What lies in the body, its largest pieces, the holes of each slice filled."""
    kept = large_pieces(bare & body, LEAST_SHARE)
    return np.stack([ndimage.binary_fill_holes(plane) for plane in kept])
