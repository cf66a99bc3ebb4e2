"""Every knob of the lung network's training, kept beside the weights it made."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from ai.errors import BadInput
from ai.models.networks import MOST_NEIGHBOURS
from ai.training.augment import Shape

TRIAL = "trial"
PRECISIONS = (TRIAL, "fp32", "bf16")
LATER: dict[str, Any] = {"stage_rate": 1.0, "precision": TRIAL, "neighbours": 0}
"""What settings that were written before these knobs were there meant by leaving them out."""


@dataclass(frozen=True)
class Settings:
    """What a run is made with; the same settings and scans make the same weights on a CPU.

    steps, batch, patch: how much is seen. rate: the highest learning rate, reached after a
    twentieth of the steps, then falling along a cosine. average: how slowly the kept weights
    follow. phantoms: their share of samples where there are real scans too. patience: steps
    without a better watched Dice before it stops. encoder_rate: times the rate, for the encoder.
    stage_rate: times the rate once more for every stage further from the output, so that what a
    network learnt early moves least. precision: "trial" takes what three steps show to be the
    quickest, "fp32" or "bf16" is taken as it stands; only then is a run repeated bit for bit.
    neighbours: 0 for a 3-D network, else 2.5-D, as UNet3d says.
    """

    steps: int = 6000
    batch: int = 2
    patch: Shape = (112, 96, 128)
    channels: tuple[int, ...] = (16, 32, 64, 128, 128)
    rate: float = 2e-3
    encoder_rate: float = 1.0
    decay: float = 1e-4
    clip: float = 1.0
    average: float = 0.998
    phantoms: float = 0.25
    seed: int = 1
    watched: int = 12
    watch_every: int = 250
    keep_every: int = 500
    patience: int = 3000
    freeze_encoder: bool = False
    stage_rate: float = 1.0
    precision: str = TRIAL
    neighbours: int = 0

    def __post_init__(self) -> None:
        multiple = 2 ** (len(self.channels) - 1)
        if any(n % multiple or n <= 0 for n in self.patch):
            raise BadInput(f"Each side of a patch must be a multiple of {multiple}.")
        if min(self.steps, self.batch, self.watch_every, self.keep_every) < 1:
            raise BadInput("Steps, batch, and the steps between looks must be 1 or more.")
        if not 0 < self.rate < 1 or not 0 <= self.average < 1:
            raise BadInput("The learning rate or the average makes no sense.")
        if not 0 < self.encoder_rate <= 1 or not 0 < self.stage_rate <= 1:
            raise BadInput("A share of the learning rate lies above 0 and is 1 at most.")
        if not 0 <= self.neighbours <= MOST_NEIGHBOURS:
            raise BadInput(f"A slice has {MOST_NEIGHBOURS} neighbours at most on either side.")
        if self.precision not in PRECISIONS:
            raise BadInput(f"The precision is one of {', '.join(PRECISIONS)}.")

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        warm = max(1, self.steps // 20)
        if step < warm:
            return self.rate * (step + 1) / warm
        done = (step - warm) / max(1, self.steps - warm)
        return self.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))

    def as_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


def settings_from(text: str) -> Settings:
    """Settings as as_json wrote them. Raises BadInput when they are not."""
    try:
        table: dict[str, Any] = json.loads(text)
        known = {f.name for f in fields(Settings)}
        table = LATER | table
        if set(table) != known:
            raise ValueError(f"other knobs: {sorted(set(table) ^ known)}")
        for name in ("patch", "channels"):
            table[name] = tuple(int(n) for n in table[name])
        return Settings(**table)
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(f"These are no settings of a lung training: {error}.") from error
