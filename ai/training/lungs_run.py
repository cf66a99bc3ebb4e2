"""A training run at some step: network, moving average, optimiser; kept and taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ai.errors import BadInput
from ai.models.networks import UNet3d
from ai.models.weights import BadWeights, read_weights, write_weights
from ai.training.augment import HU_RANGE, LEFT, RIGHT, Sample
from ai.training.lungs_scans import SPACING_MM
from ai.training.lungs_settings import Settings, settings_from

CHECKPOINT = "checkpoint.safetensors"
_LAYOUTS = {"plain": torch.contiguous_format, "channels last": torch.channels_last_3d}


class Run:
    """What changes from step to step."""

    def __init__(self, settings: Settings, device: torch.device, *, scans: str = "") -> None:
        """scans: the fingerprint of what is learnt from, kept with checkpoint and weights."""
        self.scans = scans
        torch.manual_seed(settings.seed)
        self.settings, self.device = settings, device
        self.step, self.best, self.best_step = 0, 0.0, 0
        self.losses: list[Tensor] = []  # since the last look
        self.network = UNet3d(settings.channels, labels=3, neighbours=settings.neighbours)
        self.network.to(device)
        self.average = self.copied()
        self.optimiser = torch.optim.AdamW(
            _groups(self.network, settings), lr=settings.rate, weight_decay=settings.decay
        )
        self.mixed, self.layout = False, "plain"

    def copied(self) -> dict[str, Tensor]:
        """The network's weights as they are now."""
        return {n: p.detach().clone() for n, p in self.network.state_dict().items()}

    def begin_with(self, weights: dict[str, Tensor]) -> tuple[str, ...]:
        """Starts from other weights than random ones; names of what they do not fit, and which so
        starts anew: the head, where the other network knows other labels.

        Raises BadInput where no filter of the encoder fits.
        """
        own = self.network.state_dict()
        fit = {n: p for n, p in weights.items() if n in own and p.shape == own[n].shape}
        if not any(name.startswith("encoder.") and p.dim() > 1 for name, p in fit.items()):
            raise BadInput(
                "Nothing of the network to begin with fits this one.",
                "Take --settings with its channels, or another card.",
            )
        self.network.load_state_dict(own | fit)
        self.average = self.copied()
        return tuple(name for name in own if name not in fit)

    def shape_memory(self, *, mixed: bool, layout: str) -> None:
        """Mixed precision or not, and the layout of memory: plain or channels last."""
        self.mixed, self.layout = mixed, layout
        self.network.to(memory_format=_LAYOUTS[layout])

    def loss(self, samples: Sequence[Sample]) -> Tensor:
        image = torch.stack([s.image for s in samples])
        target = torch.stack([s.target for s in samples])
        counted = torch.stack([s.counted for s in samples])
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
            logits = self.network(image.contiguous(memory_format=_LAYOUTS[self.layout]))
        return loss_of(logits.float(), target, counted)

    def learn(self, samples: Sequence[Sample]) -> Tensor:
        """One step of the optimiser and of the average; the loss before it, still on the device."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.rate_at(self.step) * group["share"]
        self.network.train()
        loss = self.loss(samples)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip)
        self.optimiser.step()
        self.step += 1
        # A young average would be mostly the random start.
        share = min(self.settings.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            now = self.network.state_dict()
            torch._foreach_lerp_([self.average[n] for n in now], list(now.values()), 1 - share)
        return loss.detach()

    def keep(self, folder: Path) -> None:
        """Writes a checkpoint; an older one stands until the new one is whole."""
        tensors = {f"network.{n}": _array(p) for n, p in self.network.state_dict().items()}
        tensors |= {f"average.{n}": _array(p) for n, p in self.average.items()}
        for n, state in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{n}.{name}": _array(value) for name, value in state.items()}
        about = {
            "step": str(self.step),
            "best": repr(self.best),
            "best_step": str(self.best_step),
            "losses": " ".join(repr(float(loss)) for loss in self.losses),
            "mixed": str(int(self.mixed)),
            "scans": self.scans,
            "layout": self.layout,
            "settings": self.settings.as_json(),
        }
        write_weights(folder / CHECKPOINT, tensors, about=about)

    def take_up(self, folder: Path) -> bool:
        """Goes on from the folder's checkpoint; False where there is none.

        Raises BadInput when it was made with other settings or scans, or is spoilt.
        """
        if not (folder / CHECKPOINT).exists():
            return False
        try:
            kept = read_weights(folder / CHECKPOINT)
        except BadWeights as error:
            raise BadInput(
                f"The checkpoint in {folder.name} cannot be read: it is not whole.",
                "Begin anew in another --out.",
            ) from error
        if settings_from(kept.about.get("settings", "")) != self.settings:
            raise BadInput(
                "The checkpoint was made with other settings.", "Use the same, or another --out."
            )
        if kept.about.get("scans", self.scans) != self.scans:
            raise BadInput(
                "The checkpoint was made with other scans.", "Use the same, or another --out."
            )
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimiser": {}}
        for name, array in kept.tensors.items():
            part, rest = name.split(".", 1)
            parts[part][rest] = torch.tensor(array).to(self.device)
        self.shape_memory(mixed=kept.about["mixed"] == "1", layout=kept.about["layout"])
        self.network.load_state_dict(parts["network"])
        self.average = parts["average"]
        state: dict[int, dict[str, Any]] = {}
        for name, tensor in parts["optimiser"].items():
            number, key = name.split(".", 1)
            state.setdefault(int(number), {})[key] = tensor.cpu() if key == "step" else tensor
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": state, "param_groups": groups})
        self.step, self.best = int(kept.about["step"]), float(kept.about["best"])
        self.best_step = int(kept.about["best_step"])
        losses = kept.about.get("losses", "").split()
        self.losses = [torch.tensor(float(loss), device=self.device) for loss in losses]
        return True

    def save(self, path: Path) -> str:
        """Writes the averaged weights, with how the network is built and was made; the SHA-256."""
        low, high = HU_RANGE
        about = self.network.words() | {
            "hu_range": f"{low} {high}",
            "spacing_mm": f"{SPACING_MM:g}",
            "step": str(self.step),
            "settings": self.settings.as_json(),
            "scans": self.scans,
            "precision": "bf16" if self.mixed else "fp32",
            "layout": self.layout,
        }
        return write_weights(path, {n: _array(p) for n, p in self.average.items()}, about=about)


def _groups(network: UNet3d, settings: Settings) -> list[dict[str, Any]]:
    """What learns at which share of the rate: first all but the encoder, then the encoder.

    The order of the parameters numbers them in a checkpoint, and so never changes.
    """
    levels = len(network.channels)
    groups = []
    for wants_encoder in (False, True):
        for name, parameter in network.named_parameters():
            part, _, rest = name.partition(".")
            if (part == "encoder") != wants_encoder:
                continue
            level = int(rest.split(".")[0]) if part != "head" else 0
            # stages from the output inward: head, decoder from fine to coarse, encoder back out
            stage = {"head": 0, "encoder": 2 * levels - 1 - level}.get(part, 1 + level)
            share = settings.stage_rate**stage * (settings.encoder_rate if wants_encoder else 1.0)
            if wants_encoder and settings.freeze_encoder:
                parameter.requires_grad_(False)
            groups.append({"params": [parameter], "share": share})
    return groups


def loss_of(logits: Tensor, target: Tensor, counted: Tensor) -> Tensor:
    """Half cross-entropy, half one minus the soft Dice of both lungs, where voxels count."""
    weight = counted.float()
    entropy = functional.cross_entropy(logits, target, reduction="none")
    entropy = (entropy * weight).sum() / weight.sum().clamp(min=1)
    chance = logits.softmax(1)
    lost = []
    for label in (RIGHT, LEFT):
        true = (target == label).float() * weight
        said = chance[:, label] * weight
        both, total = (true * said).sum((1, 2, 3)), (true + said).sum((1, 2, 3))
        # The smoothing lets a sample without this lung teach too.
        lost.append(1 - (2 * both + 50) / (total + 50))
    return 0.5 * entropy + 0.5 * torch.stack(lost).mean()


def _array(tensor: Tensor) -> NDArray[Any]:
    return np.asarray(tensor.detach().contiguous().cpu().numpy())
