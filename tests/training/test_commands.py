"""`hilum train lungs`, `hilum evaluate lungs`: from a folder of series to weights, to a table."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

torch = pytest.importorskip("torch")

from ai.models.card import load_card  # noqa: E402
from ai.models.gate_histogram import read_known  # noqa: E402
from ai.models.networks import build  # noqa: E402
from ai.models.weights import read_weights, weights_of  # noqa: E402
from ai.phantom.chest import Phantom  # noqa: E402
from ai.scan.labelmap import Labels  # noqa: E402
from ai.training.evaluation_page import evaluation_page  # noqa: E402
from ai.training.lungs import Outcome  # noqa: E402
from ai.training.lungs_evaluate import Judged, Row, learnt_from  # noqa: E402
from ai.training.lungs_run import CHECKPOINT  # noqa: E402
from ai.training.lungs_scans import save_scans  # noqa: E402
from ai.training.lungs_settings import Settings  # noqa: E402
from tests.training.conftest import ball  # noqa: E402
from viewer.cli import run  # noqa: E402
from viewer.dicom.demo import write_demo  # noqa: E402

SMALL = Settings(
    steps=2,
    batch=1,
    patch=(32, 32, 32),
    channels=(2, 4),
    watched=1,
    watch_every=1,
    keep_every=1,
    precision="fp32",
)
ROW = """
[[scan]]
folder = "chest"
patient = "one"
licence = "{licence}"
mask = "{mask}"
"""


def write_labels(path: Path, labels: Labels, phantom: Phantom) -> None:
    image = sitk.GetImageFromArray(labels)
    image.SetSpacing(phantom.volume.geometry.spacing_kji_mm[::-1])
    image.SetOrigin([float(n) for n in phantom.volume.geometry.lps_of((0, 0, 0))])
    sitk.WriteImage(image, str(path))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, tiny: Phantom) -> Path:
    """A folder with one chest, its true lungs beside it, and labels that lie elsewhere."""
    folder = tmp_path_factory.mktemp("data")
    Path(write_demo(folder, size="tiny")).rename(folder / "chest")
    write_labels(folder / "chest" / "lungs.nii.gz", tiny.lungs.labels, tiny)
    write_labels(folder / "chest" / "elsewhere.nii.gz", tiny.lungs.labels[2:], tiny)
    return folder


def train(data: Path, out: Path, *more: str, licence: str = "CC BY 4.0", mask: str = "") -> int:
    out.mkdir(exist_ok=True)
    (out / "list.toml").write_text(ROW.format(licence=licence, mask=mask or "lungs.nii.gz"))
    (out / "given.json").write_text(SMALL.as_json())
    words = ["train", "lungs", "--data", str(data), "--out", str(out), "--device", "cpu"]
    words += ["--list", str(out / "list.toml"), "--settings", str(out / "given.json"), *more]
    return run(words)


def test_a_folder_of_series_becomes_weights(data: Path, tmp_path: Path) -> None:
    assert train(data, tmp_path) == 0
    weights = read_weights(tmp_path / "last.safetensors")
    assert build(weights).channels == SMALL.channels
    assert weights.about["step"] == "2"


def test_a_run_is_not_written_over_by_a_forgotten_word(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(data, tmp_path) == 0
    before = (tmp_path / "last.safetensors").read_bytes()
    assert train(data, tmp_path) != 0
    assert "holds a run already" in (told := capsys.readouterr().err) and "--resume" in told
    assert (tmp_path / "last.safetensors").read_bytes() == before


def test_a_prepared_file_trains_to_the_same_weights_as_the_folder(
    data: Path, tmp_path: Path
) -> None:
    assert train(data, tmp_path / "a") == 0
    assert train(tmp_path / "a" / "scans.npz", tmp_path / "b") == 0
    a, b = (read_weights(tmp_path / name / "last.safetensors").sha256 for name in "ab")
    assert a == b


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Prepared scans of four patients."""
    path = tmp_path / "scans.npz"
    save_scans(path, [ball(name) for name in "abcd"])
    return path


def small(tmp_path: Path, data: Path, *more: str) -> int:
    settings = replace(SMALL, steps=8, patch=(16, 16, 32))
    (tmp_path / "given.json").write_text(settings.as_json())
    words = ["train", "lungs", "--data", str(data), "--out", str(tmp_path / "run")]
    return run([*words, "--device", "cpu", "--settings", str(tmp_path / "given.json"), *more])


def test_every_patient_is_left_out_once_and_a_table_tells_each(
    many: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert small(tmp_path, many, "--fold", "all/2", "--steps", "2") == 0
    said = capsys.readouterr().out
    assert "of 4 scans, Dice at 3 mm" in said and "between them" in said
    with (tmp_path / "run" / "folds.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["fold"], row["scan"]) for row in rows] == [
        *(("1", "a"), ("1", "c"), ("2", "b"), ("2", "d")),
    ]
    for k in (1, 2):
        about = read_weights(tmp_path / "run" / f"fold-{k}" / "last.safetensors").about
        assert about["step"] == "2", "what is left out does not choose where a run ends"


def test_folds_begin_only_where_none_would_write_over_another(
    many: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after the first of them has run for hours."""
    last = tmp_path / "run" / "fold-2"
    last.mkdir(parents=True)
    (last / CHECKPOINT).write_bytes(b"of another run")
    assert small(tmp_path, many, "--fold", "all/2") == 1
    assert "fold-2 holds a run already" in capsys.readouterr().err
    assert not (tmp_path / "run" / "fold-1").exists()


def test_a_fold_runs_for_a_quarter_of_the_steps_and_says_so(
    many: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    planned: list[Settings] = []

    def no_time(learnt: object, watched: object, out: Path, made: Settings, **_: object) -> Outcome:
        planned.append(made)
        return Outcome(1, 0.0, out, "", out, whole=False)

    monkeypatch.setattr("ai.training.lungs.train", no_time)
    words = ["train", "lungs", "--data", str(many), "--out", str(tmp_path / "run")]
    for more in (("--fold", "all/2"), ("--fold", "1/2", "--steps", "80"), ()):
        assert run([*words, *more]) == 0
    said = capsys.readouterr().out
    assert "quarter of the steps, 1500" in said and "up at step 1" in said
    assert [(one.steps, one.patience) for one in planned] == [(1500, 1500), (80, 80), (6000, 3000)]


def test_a_run_begins_with_any_card_of_its_kind_and_takes_its_channels(
    many: Path, small_card: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "lungs", "--data", str(many), "--out", str(tmp_path / "run")]
    words += ["--device", "cpu", "--minutes", "0", "--precision", "fp32", "--freeze", "encoder"]
    words += ["--encoder-rate", "0.1", "--stage-rate", "0.5"]
    assert run([*words, "--init", small_card]) == 0
    assert "anew: nothing" in capsys.readouterr().out
    begun = read_weights(tmp_path / "run" / "last.safetensors")
    card = weights_of(load_card(small_card))
    assert begun.about["channels"] == card.about["channels"]
    assert '"stage_rate": 0.5' in begun.about["settings"]
    for name, tensor in begun.tensors.items():
        if name.startswith("encoder."):
            np.testing.assert_allclose(tensor, card.tensors[name], atol=1e-6)
    assert run([*words, "--init", "lungs-classical"]) == 1
    assert "names no file of weights" in capsys.readouterr().err
    (tmp_path / "run" / CHECKPOINT).unlink()
    assert small(tmp_path, many, "--init", "lungs-unet") == 1
    assert "Nothing of the network to begin with fits" in capsys.readouterr().err


def test_a_run_that_begins_with_a_card_of_slices_goes_on_slice_by_slice(
    many: Path, flat_card: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "lungs", "--data", str(many), "--out", str(tmp_path / "run")]
    words += ["--device", "cpu", "--minutes", "0", "--precision", "fp32", "--init", flat_card]
    assert run(words) == 0
    assert "anew: nothing" in capsys.readouterr().out
    assert read_weights(tmp_path / "run" / "last.safetensors").about["neighbours"] == "1"


@pytest.mark.parametrize("words", [("--fold", "0/2"), ("--fold", "x"), ("--fold", "all/")])
def test_a_fold_that_is_none_is_refused(many: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        small(tmp_path, many, *words)


@pytest.mark.parametrize("licence", ["CC BY-NC 3.0", "cc by-nc-sa 4.0", "Non-commercial"])
def test_a_scan_that_may_not_be_trained_on_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], licence: str
) -> None:
    assert train(data, tmp_path, licence=licence) == 1
    assert "nothing may be trained on it" in capsys.readouterr().err
    assert not (tmp_path / "last.safetensors").exists()


@pytest.mark.parametrize(
    ("mask", "words"), [("none.nii.gz", "cannot be read"), ("elsewhere.nii.gz", "another grid")]
)
def test_a_mask_that_does_not_fit_is_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], mask: str, words: str
) -> None:
    assert train(data, tmp_path, mask=mask) == 1
    assert words in capsys.readouterr().err


def test_an_empty_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert train(tmp_path / "empty", tmp_path / "out") == 1
    assert "no scan of the list" in capsys.readouterr().err


def test_models_are_compared_on_every_lung_of_every_scan(data: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    words = ["evaluate", "lungs", "--data", str(data), "--models", "classical"]
    assert run([*words, "--out", str(table)]) == 0
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["scan"], r["side"], r["fault"]) for r in rows] == [
        ("chest", "right", ""),
        ("chest", "left", ""),
    ]
    assert all(float(r["dice"]) > 0.9 for r in rows)


def test_voxels_of_a_tumour_are_left_out_of_the_comparison(
    data: Path, tmp_path: Path, tiny: Phantom
) -> None:
    """Labels that call half a lung tumour change no score of the other half's model."""
    tumour = np.zeros_like(tiny.lungs.labels)
    tumour[:, :32] = 1
    write_labels(data / "chest" / "gtv.nii.gz", tumour, tiny)
    words = ["evaluate", "lungs", "--data", str(data / "chest"), "--models", "classical"]
    try:
        assert run([*words, "--out", str(tmp_path / "t.csv")]) == 0
    finally:
        (data / "chest" / "gtv.nii.gz").unlink()
    with (tmp_path / "t.csv").open(newline="") as file:
        assert all(float(r["dice"]) > 0.9 for r in csv.DictReader(file))


def test_a_folder_without_masks_cannot_be_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "lungs", "--data", str(tmp_path), "--out", str(tmp_path / "t.csv")]
    assert run(words) == 1
    assert "lungs.nii.gz" in capsys.readouterr().err


def test_an_evaluation_becomes_a_page_with_every_scan_by_name(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "home"))
    words = ["evaluate", "lungs", "--data", str(data), "--models", "classical"]
    words += ["--out", str(tmp_path / "t.csv"), "--html", str(tmp_path / "t.html")]
    assert run(words) == 0
    page = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert "chest: 1 x here, 0 x by the makers" in page
    assert "chest right" in page and "lungs-classical" in page
    assert page.count("<svg") >= 3 and "data:image/png;base64," in page
    assert "<script" not in page and "http://" not in page.replace("http://www.w3.org", "")
    assert "Research use only" in page


def test_nodules_that_readers_outlined_are_looked_for_where_no_lungs_are_drawn(
    tmp_path: Path,
    tiny: Phantom,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "home"))
    folder = tmp_path / "more"
    folder.mkdir()
    Path(write_demo(folder, size="tiny")).rename(folder / "outlined")
    k, j, i = (int(n) for n in np.argwhere(tiny.lungs.labels == 1).mean(axis=0))
    z = float(tiny.volume.geometry.lps_of((k, 0, 0))[2])
    edges = "".join(
        f"<edgeMap><xCoord>{i + a}</xCoord><yCoord>{j + b}</yCoord></edgeMap>"
        for a, b in ((-3, -3), (3, -3), (3, 3), (-3, 3))
    )
    roi = f"<roi><imageZposition>{z}</imageZposition><inclusion>TRUE</inclusion>{edges}</roi>"
    xml = f'<LidcReadMessage xmlns="http://www.nih.gov">{roi}</LidcReadMessage>'
    (folder / "outlined" / "lidc.xml").write_text(xml)
    words = ["evaluate", "lungs", "--data", str(folder), "--models", "classical"]
    assert run([*words, "--out", str(tmp_path / "t.csv"), "--html", str(tmp_path / "t.html")]) == 0
    assert "nodule 1: 100.0 % of 25 voxels" in capsys.readouterr().out
    assert "outlined, nodule 1" in (tmp_path / "t.html").read_text(encoding="utf-8")


def test_outlines_that_are_none_are_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "chest" / "lidc.xml").write_text("<LidcReadMessage><roi>")
    try:
        words = ["evaluate", "lungs", "--data", str(data), "--out", str(tmp_path / "t.csv")]
        assert run(words) == 1
    finally:
        (data / "chest" / "lidc.xml").unlink()
    assert "holds no outlines" in capsys.readouterr().err


def test_the_gate_judges_every_series_of_a_folder(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", "gate", "--data", str(data)]) == 0
    assert "chest: amber" in capsys.readouterr().out
    words = ["evaluate", "gate", "--data", str(data), "--out", str(tmp_path / "gate.json")]
    assert run(words) == 1
    assert "needs 3 sources" in capsys.readouterr().err


def test_a_model_is_not_judged_by_patients_that_it_learnt_from() -> None:
    assert "LIDC-IDRI-0001" in learnt_from(load_card("lungs-unet"))
    assert learnt_from(load_card("lungs-classical")) == frozenset()
    figures = ("as it is", "lungs-unet", "right", 0.5, 9.0, 3.0, 0.1, None)
    seen = Row("known", *figures, True, 1.0, None, "")
    fresh = Row("fresh", *figures, False, 1.0, None, "No lung.")
    page = evaluation_page([Judged((seen,)), Judged((fresh,))], lambda name: "1 x here")
    summary = page[page.index("Summary") : page.index("Plots")]
    assert "<td>1</td><td>1 of 1</td>" in summary
    assert '<tr class="out"><td>known right' in page


def test_a_reference_is_learnt_from_folders_but_not_from_scans_kept_for_scoring(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two", "LUNG1-001"):
        Path(write_demo(tmp_path, size="tiny")).rename(tmp_path / name)
    out = tmp_path / "gate.json"
    assert run(["evaluate", "gate", "--data", str(tmp_path), "--out", str(out)]) == 0
    assert capsys.readouterr().out.count(": amber") == 3
    assert read_known(out).sources == ("one", "two", "phantom")
