"""Other people's lungs beside ours: networks and masks, on the same slices, refusals told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

torch = pytest.importorskip("torch")

from ai.errors import BadInput  # noqa: E402
from ai.models.weights import BadWeights, write_weights  # noqa: E402
from ai.phantom.chest import Phantom  # noqa: E402
from ai.training.peer_unet import PeerUNet, cleaned, load_peer, peer_lungs  # noqa: E402
from ai.training.peers import judge_peers, peers_in, union_of  # noqa: E402
from tests.data import data_folder  # noqa: E402
from viewer.cli import run  # noqa: E402
from viewer.commands.truth import read_labels  # noqa: E402
from viewer.dicom.demo import write_demo  # noqa: E402


def write_mask(path: Path, labels: np.ndarray, phantom: Phantom) -> None:
    image = sitk.GetImageFromArray(labels)
    image.SetSpacing(phantom.volume.geometry.spacing_kji_mm[::-1])
    image.SetOrigin([float(n) for n in phantom.volume.geometry.lps_of((0, 0, 0))])
    path.parent.mkdir(exist_ok=True, parents=True)
    sitk.WriteImage(image, str(path))


def write_network(folder: Path) -> None:
    torch.manual_seed(2)
    folder.mkdir(parents=True)
    held = {name: one.numpy() for name, one in PeerUNet().state_dict().items()}
    write_weights(folder / "weights.safetensors", held, about={})


def test_a_folder_is_a_peer_or_holds_some(tmp_path: Path, tiny: Phantom) -> None:
    with pytest.raises(BadInput, match="holds no peer"):
        peers_in(tmp_path)
    write_network(tmp_path / "net")
    write_mask(tmp_path / "others" / "chest.nii.gz", tiny.lungs.labels, tiny)
    (tmp_path / "empty").mkdir()
    assert [peer.name for peer in peers_in(tmp_path)] == ["net", "others"]
    assert [peer.name for peer in peers_in(tmp_path / "net")] == ["net"]


def test_masks_are_scored_as_one_lung_without_what_is_left_out(
    tmp_path: Path, tiny: Phantom
) -> None:
    lungs = tiny.lungs.labels
    swapped = np.where(lungs > 0, 3 - lungs, 0).astype(np.uint8)
    write_mask(tmp_path / "a" / "chest.nii.gz", swapped, tiny)
    half = swapped.copy()
    half[lungs == 2] = 0
    write_mask(tmp_path / "b" / "chest.nii.gz", half, tiny)
    write_mask(tmp_path / "c" / "other.nii.gz", half, tiny)
    write_mask(tmp_path / "d" / "chest.nii.gz", half[1:], tiny)
    one, two, none, elsewhere = judge_peers(
        "chest", tiny.volume, lungs, peers_in(tmp_path), without=None, read_labels=read_labels
    )
    assert one.dice == 1 and one.slices == len(lungs) and one.fault == ""
    right, left = (np.count_nonzero(lungs == side) for side in (1, 2))
    assert two.dice == pytest.approx(2 * right / (2 * right + left))
    assert none.dice == 0 and "no mask of chest" in none.fault
    assert elsewhere.dice == 0 and "another grid" in elsewhere.fault
    left_out = union_of("x", "b", tiny.volume, half, lungs, without=lungs == 2)
    assert left_out.dice == 1


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    write_weights(tmp_path / "w.safetensors", {"a": np.zeros(3, np.float32)}, about={})
    with pytest.raises(BadWeights, match="no network that is known"):
        load_peer(tmp_path / "w.safetensors")


def test_what_lies_outside_the_body_goes_and_holes_are_filled() -> None:
    bare = np.zeros((4, 40, 40), dtype=bool)
    bare[1:3, 10:20, 10:20] = True
    bare[1:3, 14, 14] = False
    bare[2, 25, 25] = True
    body = np.zeros_like(bare)
    body[:, 5:35, 5:35] = True
    whole = cleaned(bare | ~body, body)
    assert whole.sum() == 200 and whole[1, 14, 14] and not whole[2, 25, 25]
    assert not cleaned(bare & False, body).any()


def test_slices_of_an_odd_size_are_refused(tiny: Phantom) -> None:
    volume = tiny.volume
    if all(side % 8 == 0 for side in volume.hu.shape[1:]):
        from ai.scan.geometry import Geometry
        from ai.scan.volume import Volume

        hu = np.ascontiguousarray(volume.hu[:, :, :-3])
        volume = Volume(Geometry.axial(hu.shape), hu)
    with pytest.raises(BadInput, match="multiples of 8"):
        peer_lungs(volume, PeerUNet().eval())


def test_the_command_sets_peers_beside_ours(
    tmp_path: Path, tiny: Phantom, hilum_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_demo_with_lungs(tmp_path, tiny)
    write_mask(tmp_path / "peers" / "mine" / "chest.nii.gz", tiny.lungs.labels, tiny)
    words = ["evaluate", "lungs", "--data", str(tmp_path / "data"), "--models", "classical"]
    words += ["--out", str(tmp_path / "t.csv"), "--html", str(tmp_path / "t.html")]
    assert run([*words, "--peers", str(tmp_path / "peers")]) == 0
    assert "both lungs as one: mine Dice 1.0000" in capsys.readouterr().out
    with (tmp_path / "t.union.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == ["lungs-classical", "mine"]
    page = (tmp_path / "t.html").read_text()
    assert "Beside peers" in page and "chest, mine" in page
    assert run([*words, "--peers", str(tmp_path / "data" / "none")]) == 1
    assert run(words) == 0 and "Beside peers" not in (tmp_path / "t.html").read_text()


def write_demo_with_lungs(tmp_path: Path, tiny: Phantom) -> None:
    (tmp_path / "data").mkdir()
    Path(write_demo(tmp_path, size="tiny")).rename(tmp_path / "data" / "chest")
    write_mask(tmp_path / "data" / "chest" / "lungs.nii.gz", tiny.lungs.labels, tiny)


@pytest.mark.data
@pytest.mark.parametrize("name", ["unet-small-wdk24", "unet-small-cf593"])
def test_a_public_network_answers_as_its_own_selftest_says(name: str) -> None:
    folder = data_folder()
    assert folder is not None
    told = json.loads((folder / "peers" / name / "selftest.json").read_text())
    i, j = np.ogrid[:64, :64]
    x = ((37 * i + 101 * j) % 1500).astype(np.float32)
    x[16:48, 16:48] = (150 + (7 * i + 3 * j) % 60)[16:48, 16:48]
    assert x.sum() == told["input_sum"]
    network = load_peer(folder / "peers" / name / "weights.safetensors")
    with torch.inference_mode():
        logits = network(torch.from_numpy(x)[None, None])[0, 0].numpy()
    for row, column, value in told["logits_at"]:
        assert logits[row, column] == pytest.approx(value, abs=told["tolerance"])
    assert int((logits > 0).sum()) == told["positive_pixels"]
