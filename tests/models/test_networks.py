"""Networks built from their words and weights, and refused when these do not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ai.errors import BadInput  # noqa: E402
from ai.models.device import choose_device, is_out_of_memory  # noqa: E402
from ai.models.networks import UNet3d, build, empty, scaled  # noqa: E402
from ai.models.weights import BadWeights, Weights  # noqa: E402


@pytest.fixture
def weights() -> Weights:
    torch.manual_seed(1)
    network = UNet3d((2, 4, 8), labels=3)
    tensors = {n: p.numpy() for n, p in network.state_dict().items()}
    return Weights(tensors, network.words(), "")


def test_a_network_answers_for_every_voxel_and_label(weights: Weights) -> None:
    network = build(weights)
    assert network.multiple == 4
    with torch.inference_mode():
        assert network(torch.zeros(1, 1, 8, 12, 16)).shape == (1, 3, 8, 12, 16)


def test_a_network_of_slices_answers_by_its_neighbours_alone() -> None:
    """Each slice is drawn from itself and two on each side; the rest of the chest changes nothing.

    The ends see their own slice again where a neighbour is missing.
    """
    torch.manual_seed(2)
    flat = UNet3d((2, 4), labels=3, neighbours=2).eval()
    image = torch.randn(2, 1, 9, 8, 12)
    other = image.clone()
    other[1, :, 8] = 5.0
    with torch.inference_mode():
        one, changed = flat(image), flat(other)
    assert one.shape == (2, 3, 9, 8, 12)
    same = [torch.equal(one[1, :, k], changed[1, :, k]) for k in range(9)]
    assert same == [True] * 6 + [False] * 3
    assert torch.equal(one[0], changed[0])
    with torch.inference_mode():
        alone = flat(torch.cat([image[:1, :, 2:3]] * 5, dim=2))
        edge = flat(image[:1, :, 2:3])
    assert torch.allclose(alone[:, :, 2], edge[:, :, 0], atol=1e-5)


def test_the_words_of_a_network_of_slices_make_it_again() -> None:
    flat = UNet3d((2, 4), labels=3, neighbours=2).eval()
    tensors = {n: p.numpy() for n, p in flat.state_dict().items()}
    again = build(Weights(tensors, flat.words(), ""))
    assert again.neighbours == 2
    image = torch.randn(1, 1, 4, 8, 8)
    with torch.inference_mode():
        assert torch.equal(again(image), flat(image))
    with pytest.raises(BadWeights, match="wrong shape"):
        build(Weights(tensors, UNet3d((2, 4), labels=3).words(), ""))


def test_the_same_weights_make_the_same_network(weights: Weights) -> None:
    image = torch.randn(1, 1, 8, 8, 8)
    with torch.inference_mode():
        assert torch.equal(build(weights)(image), build(weights)(image))


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"network": "unet3d"},
        {"network": "resnet", "channels": "2-4", "labels": "3"},
        {"network": "unet3d", "channels": "2-x", "labels": "3"},
        {"network": "unet3d", "channels": "2", "labels": "3"},
        {"network": "unet3d", "channels": "2-0", "labels": "3"},
        {"network": "unet3d", "channels": "2-99999", "labels": "3"},
        {"network": "unet3d", "channels": "2-4", "labels": "1"},
        {"network": "unet2.5d", "channels": "2-4", "labels": "3"},
        {"network": "unet2.5d", "channels": "2-4", "labels": "3", "neighbours": "0"},
        {"network": "unet2.5d", "channels": "2-4", "labels": "3", "neighbours": "99"},
        {"network": "unet3d", "channels": "-".join("2" * 40), "labels": "3"},
    ],
)
def test_words_that_name_no_network_are_refused(words: dict[str, str]) -> None:
    with pytest.raises(BadWeights):
        empty(words)


def test_weights_that_do_not_fit_are_refused(weights: Weights) -> None:
    less = {n: a for n, a in weights.tensors.items() if n != "head.bias"}
    with pytest.raises(BadWeights, match="not those"):
        build(replace(weights, tensors=less))
    shape = weights.tensors | {"head.bias": np.zeros(4, dtype=np.float32)}
    with pytest.raises(BadWeights, match="shape"):
        build(replace(weights, tensors=shape))
    nan = weights.tensors | {"head.bias": np.full(3, np.nan, dtype=np.float32)}
    with pytest.raises(BadWeights, match="none"):
        build(replace(weights, tensors=nan))


def test_the_range_a_network_looks_at_becomes_minus_one_to_one() -> None:
    hu = torch.tensor([-3024.0, -1024.0, -212.0, 600.0, 3071.0])
    assert scaled(hu, (-1024, 600)).tolist() == [-1, -1, 0, 1, 1]


def test_a_device_that_is_not_there_is_told() -> None:
    assert choose_device("cpu").type == "cpu"
    with pytest.raises(BadInput, match="no device named 'abacus'"):
        choose_device("abacus")
    if not torch.cuda.is_available():
        with pytest.raises(BadInput, match="no CUDA device"):
            choose_device("cuda")
        assert choose_device("auto").type in ("cpu", "mps")


def test_only_errors_of_memory_are_taken_for_such() -> None:
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
    assert not is_out_of_memory(RuntimeError("sizes do not match"))
