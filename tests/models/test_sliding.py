"""A network asked about a grid: whole, by windows, and with too little memory."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402

from ai.errors import Cancelled, OutOfMemory  # noqa: E402
from ai.models.sliding import NoAnswer, _likeliest, ask  # noqa: E402
from ai.progress import ignore  # noqa: E402

CPU = torch.device("cpu")


class Threshold(nn.Module):
    """Label 1 below 0, label 2 above 1; refuses windows of more than `most` voxels."""

    def __init__(self, most: int = 10**9, says: str = "out of memory") -> None:
        super().__init__()
        self.most, self.says, self.asked = most, says, 0

    def forward(self, image: Tensor) -> Tensor:
        if image.numel() > self.most:
            raise RuntimeError(self.says)
        self.asked += 1
        return torch.cat((torch.zeros_like(image), -9 * image, 9 * image - 9), dim=1)


@pytest.fixture
def image() -> np.ndarray:
    rng = np.random.default_rng(3)
    values = rng.choice([-1.0, 0.5, 2.0], size=(70, 90, 101))
    return values.astype(np.float32)


def truth(image: np.ndarray) -> np.ndarray:
    return np.where(image < 0, 1, np.where(image > 1, 2, 0))


def test_a_grid_asked_at_once_keeps_its_shape(image: np.ndarray) -> None:
    network = Threshold()
    answer = ask(network, image, multiple=16, window=(128, 128, 128), device=CPU)
    assert network.asked == 1
    assert answer.labels.dtype == np.uint8
    assert np.array_equal(answer.labels, truth(image))
    assert np.array_equal(answer.chance > 0.5, answer.labels > 0)


def test_windows_give_what_the_whole_gives(image: np.ndarray) -> None:
    network = Threshold()
    answer = ask(network, image, multiple=16, window=(64, 64, 64), device=CPU)
    assert network.asked > 4
    assert np.array_equal(answer.labels, truth(image))


def test_a_grid_smaller_than_any_window_is_filled_up() -> None:
    image = np.full((3, 5, 4), 2.0, dtype=np.float32)
    answer = ask(Threshold(), image, multiple=16, window=(64, 64, 64), device=CPU, fill=-1)
    assert answer.labels.shape == image.shape
    assert (answer.labels == 2).all()


def test_short_memory_halves_the_windows_and_says_so(image: np.ndarray) -> None:
    steps: list[str] = []
    network = Threshold(most=64 * 64 * 64)
    answer = ask(
        network,
        image,
        multiple=16,
        window=(128, 128, 128),
        device=CPU,
        on_progress=lambda _, step: steps.append(step),
    )
    assert np.array_equal(answer.labels, truth(image))
    assert any("Memory is short: asking by windows of" in step for step in steps)
    assert answer.remark.startswith("Memory was short: asked by windows of")
    assert answer.remark.removeprefix("Memory was short: asked") in steps[-1]


def test_with_room_enough_nothing_is_remarked(image: np.ndarray) -> None:
    answer = ask(Threshold(), image, multiple=16, window=(128, 128, 128), device=CPU)
    assert answer.remark == "" and answer.device == CPU


class Twice(Threshold):
    """Short of memory by torch's own error, as often as told."""

    def __init__(self, short: int) -> None:
        super().__init__()
        self.short = short

    def forward(self, image: Tensor) -> Tensor:
        self.short -= 1
        if self.short >= 0:
            raise torch.OutOfMemoryError("injected")
        return super().forward(image)


def test_the_last_step_asks_every_second_voxel_and_labels_the_whole_grid() -> None:
    steps: list[str] = []
    blocks = np.random.default_rng(4).choice([-1.0, 0.5, 2.0], size=(35, 45, 51))
    image = blocks.repeat(2, 0).repeat(2, 1).repeat(2, 2)[:69, :90, :101].astype(np.float32)
    rungs = 5  # 96 x 96 x 112, then its sides halved in turn
    answer = ask(
        Twice(rungs - 1),
        image,
        multiple=16,
        window=(128, 128, 128),
        device=CPU,
        on_progress=lambda _, step: steps.append(step),
    )
    assert answer.remark == (
        "Memory was short: asked at half resolution by windows of 64 x 64 x 64."
    )
    assert answer.labels.shape == answer.chance.shape == image.shape
    inside = tuple(slice(0, n - n % 2) for n in image.shape)
    assert np.array_equal(answer.labels[inside], truth(image)[inside])
    told = list(dict.fromkeys(steps))
    assert len(told) == rungs and all("Memory is short" in step for step in told[1:])


def test_a_reader_can_cancel_within_a_window(image: np.ndarray) -> None:
    """Before each convolution it is asked whether the work is still wanted."""

    class Deep(nn.Sequential):
        def __init__(self) -> None:
            super().__init__(*(nn.Conv3d(3 if n else 1, 3, 1) for n in range(4)))

    asked: list[float] = []

    def cancel(fraction: float, step: str) -> None:
        asked.append(fraction)
        if len(asked) == 4:  # the rung, the window, the first convolution, the second
            raise Cancelled

    network = Deep()
    with pytest.raises(Cancelled):
        ask(network, image, multiple=16, window=(128,) * 3, device=CPU, on_progress=cancel)
    assert not any(layer._forward_pre_hooks for layer in network)


def test_no_memory_at_all_is_told(image: np.ndarray) -> None:
    with pytest.raises(OutOfMemory, match="not enough memory"):
        ask(Threshold(most=10), image, multiple=16, window=(128, 128, 128), device=CPU)


def test_an_error_that_is_not_of_memory_stays_what_it_is(image: np.ndarray) -> None:
    broken = Threshold(most=10, says="sizes do not match")
    with pytest.raises(RuntimeError, match="sizes"):
        ask(broken, image, multiple=16, window=(128, 128, 128), device=CPU)


def test_an_answer_that_is_no_number_is_no_answer(image: np.ndarray) -> None:
    image[5, 5, 5] = np.nan
    with pytest.raises(NoAnswer):
        ask(Threshold(), image, multiple=16, window=(128, 128, 128), device=CPU)


def test_a_reader_can_cancel_between_windows(image: np.ndarray) -> None:
    network = Threshold()

    def cancel(fraction: float, step: str) -> None:
        ignore(fraction, step)
        if fraction > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        ask(network, image, multiple=16, window=(64, 64, 64), device=CPU, on_progress=cancel)
    assert network.asked == 1


@pytest.mark.parametrize("labels", [1, 2, 5])
def test_the_likeliest_label_is_argmaxs_and_of_equals_the_first(labels: int) -> None:
    chances = torch.randint(0, 4, (labels + 1, 9, 11, 7), generator=torch.manual_seed(2)) / 4
    assert torch.equal(_likeliest(chances), (chances[1:].argmax(0) + 1).to(torch.uint8))
