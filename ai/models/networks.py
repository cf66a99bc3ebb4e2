"""The networks that Hilum knows, each built from a few words stored with its weights."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ai.models.weights import AGAIN, BadWeights, Weights

MOST_LEVELS, MOST_CHANNELS, MOST_LABELS, MOST_NEIGHBOURS = 7, 512, 256, 8
BLOCKS, SLICES = "unet3d", "unet2.5d"


def scaled(hu: Tensor, hu_range: tuple[int, int]) -> Tensor:
    """HU as a network reads them: the range it looks at becomes -1 to 1."""
    low, high = hu_range
    return (hu.clamp(low, high) - (low + high) / 2) / ((high - low) / 2)


class Block(nn.Sequential):
    """Two convolutions, each with instance norm; the first may halve the grid.

    3 x 3 x 3, or flat: 3 x 3 within a slice.
    """

    def __init__(self, into: int, out: int, *, stride: int = 1, flat: bool = False) -> None:
        wide, pad, step = _along(3, flat), _along(1, flat, 0), _along(stride, flat)
        super().__init__(
            nn.Conv3d(into, out, wide, stride=step, padding=pad, bias=False),
            nn.InstanceNorm3d(out, affine=True),
            nn.LeakyReLU(0.01, inplace=True),
            nn.Conv3d(out, out, wide, padding=pad, bias=False),
            nn.InstanceNorm3d(out, affine=True),
            nn.LeakyReLU(0.01, inplace=True),
        )


def _along(n: int, flat: bool, within: int = 1) -> int | tuple[int, int, int]:
    """A size along all axes, or, flat, along the two of a slice; `within` is that across slices."""
    return (within, n, n) if flat else n


class UNet3d(nn.Module):
    """A plain U-Net: halving by strides, doubling by transposed convolutions.

    channels: per level, finest first. labels: background counted. Source: Cicek 2016, MICCAI,
    doi 10.1007/978-3-319-46723-8_49, with instance norm as in Isensee 2021.
    neighbours: 0 for a 3-D network; else 2.5-D: each slice is drawn by itself, from so many on
    either side and its own as channels, with filters that stay within the slice.
    """

    def __init__(self, channels: tuple[int, ...], labels: int, *, neighbours: int = 0) -> None:
        super().__init__()
        self.channels, self.labels, self.neighbours = channels, labels, neighbours
        flat = neighbours > 0
        pairs, two = list(pairwise(channels)), _along(2, flat)
        self.encoder = nn.ModuleList([Block(1 + 2 * neighbours, channels[0], flat=flat)])
        self.encoder.extend(Block(a, b, stride=2, flat=flat) for a, b in pairs)
        self.widen = nn.ModuleList(nn.ConvTranspose3d(b, a, two, stride=two) for a, b in pairs)
        self.decoder = nn.ModuleList(Block(2 * a, a, flat=flat) for a, _ in pairs)
        self.head = nn.Conv3d(channels[0], labels, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Logits (N, labels, K, J, I) of (N, 1, K, J, I); K, J, I multiples of `multiple`."""
        if not self.neighbours:
            return self._drawn(image)
        by_slice = self._drawn(_with_neighbours(image, self.neighbours))
        logits = by_slice.squeeze(2).unflatten(0, (image.shape[0], image.shape[2]))
        return logits.movedim(1, 2)

    def _drawn(self, image: Tensor) -> Tensor:
        kept: list[Tensor] = []
        for block in self.encoder:
            image = block(image)
            kept.append(image)
        image = kept.pop()
        for level in reversed(range(len(self.decoder))):
            image = torch.cat((self.widen[level](image), kept.pop()), dim=1)
            image = self.decoder[level](image)
        return self.head(image)

    @property
    def multiple(self) -> int:
        """What every side of the input must be a multiple of."""
        return 2 ** (len(self.channels) - 1)

    def words(self) -> dict[str, str]:
        """What to store beside the weights, so that build() makes this network again."""
        channels = "-".join(str(n) for n in self.channels)
        said = {"network": BLOCKS, "channels": channels, "labels": str(self.labels)}
        if self.neighbours:
            said |= {"network": SLICES, "neighbours": str(self.neighbours)}
        return said


def _with_neighbours(image: Tensor, reach: int) -> Tensor:
    """(N K, 1 + 2 reach, 1, J, I) of (N, 1, K, J, I): slices, each with those beside it.

    Beyond an end stands the last slice again.
    """
    padded = functional.pad(image, (0, 0, 0, 0, reach, reach), mode="replicate")
    beside = padded.unfold(2, 1 + 2 * reach, 1)  # (N, 1, K, J, I, 1 + 2 reach)
    return beside.permute(0, 2, 5, 1, 3, 4).flatten(0, 1)


def build(weights: Weights) -> UNet3d:
    """The network that a file of weights describes, filled with them, ready to answer.

    Raises BadWeights when it is no network of ours, or the tensors are not those of it.
    """
    network = empty(weights.about)
    own = network.state_dict()
    if set(own) != set(weights.tensors):
        raise BadWeights("The weights are not those of the network they name.", AGAIN)
    for name, array in weights.tensors.items():
        if tuple(array.shape) != tuple(own[name].shape):
            raise BadWeights(f"The weights have a wrong shape at {name}.", AGAIN)
        tensor = torch.tensor(array)
        if not bool(torch.isfinite(tensor).all()):
            raise BadWeights(f"The weights hold numbers that are none at {name}.", AGAIN)
        own[name] = tensor
    network.load_state_dict(own)
    return network.eval()


def empty(about: dict[str, str]) -> UNet3d:
    """A fresh network by its words. Raises BadWeights when the words name none of ours."""
    try:
        channels = tuple(int(n) for n in about["channels"].split("-"))
        labels = int(about["labels"])
        neighbours = int(about["neighbours"]) if about["network"] == SLICES else 0
        known = about["network"] == (SLICES if neighbours else BLOCKS)
    except (KeyError, ValueError) as error:
        raise BadWeights("The weights do not say which network they belong to.", AGAIN) from error
    fair = 2 <= len(channels) <= MOST_LEVELS and all(0 < n <= MOST_CHANNELS for n in channels)
    fair = fair and 0 <= neighbours <= MOST_NEIGHBOURS
    if not known or not fair or not 2 <= labels <= MOST_LABELS:
        raise BadWeights(f"The weights belong to no network of ours: {about}.", AGAIN)
    return UNet3d(channels, labels, neighbours=neighbours)
