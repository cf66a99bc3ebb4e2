"""`hilum train lungs --data corrections`: from masks corrected by hand to a card, or to none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

torch = pytest.importorskip("torch")

from ai.errors import OutOfMemory  # noqa: E402
from ai.lungs.segment import segment_lungs  # noqa: E402
from ai.models.card import load_card  # noqa: E402
from ai.models.gate_bottleneck import OTHERS, known_to_network  # noqa: E402
from ai.models.weights import weights_of  # noqa: E402
from ai.phantom.chest import Phantom  # noqa: E402
from ai.resources import own_models  # noqa: E402
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy  # noqa: E402
from ai.training import finetune as page  # noqa: E402
from ai.training import gate_reference  # noqa: E402
from tests.training.conftest import ball  # noqa: E402
from tests.training.test_lungs import SMALL  # noqa: E402
from viewer.cli import run  # noqa: E402
from viewer.commands.corrections import corrected_scans  # noqa: E402
from viewer.dicom.demo import write_demo  # noqa: E402
from viewer.dicom.find import open_path  # noqa: E402
from viewer.dicom.series import Series  # noqa: E402
from viewer.editing.difference import Difference  # noqa: E402
from viewer.home import home  # noqa: E402
from viewer.reading.edits import LUNGS_MASK  # noqa: E402
from viewer.reading.events import Begun, SegmentEdited, SegmentsAdded, Withdrawn  # noqa: E402
from viewer.reading.library import Library, series_key, study_key  # noqa: E402
from viewer.reading.store import Store  # noqa: E402

MADE_BY = MadeBy("lungs-unet", "1.0")


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same chest of five patients."""
    folder = tmp_path_factory.mktemp("studies")
    first = Path(write_demo(folder, size="tiny"))
    made = []
    for n in range(5):
        own = folder / f"study-{n}"
        own.mkdir()
        for file in sorted(first.rglob("*")):
            if not file.is_file():
                continue
            try:
                one = pydicom.dcmread(file)
            except pydicom.errors.InvalidDicomError:
                continue
            one.PatientID, one.PatientName = f"secret-{n}", f"Secret^{n}"
            for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
                setattr(one, name, f"{getattr(one, name)[:58]}.{n}")
            one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
            one.save_as(own / file.name)
        made.append(own)
    return made


def corrected(path: Path, phantom: Phantom, *, strokes: int = 1, undone: bool = False) -> Series:
    """A reading in this machine's log, its lungs changed by hand."""
    (series, *_) = open_path(path).series
    assert series.geometry is not None
    store, library = Store(home() / "readings.sqlite"), Library()
    library.remember(series, path)
    name = f"r-{series_key(series.key)}-{store.last_seq()}"
    store.append(name, Begun(study_key(series.study_uid), series_key(series.key), "reader"))
    labels = LabelMap(series.geometry, phantom.lungs.labels.copy(), LUNGS, MADE_BY)
    store.append(name, SegmentsAdded(labels, (), ()))
    k, j, i = (int(n) for n in np.argwhere(phantom.lungs.labels == 1)[0])
    for n in range(strokes):
        codes = np.full((1, 1, 1 + n), 1, np.uint8)
        row = store.append(
            name, SegmentEdited(LUNGS_MASK, Difference.of_codes(codes, (k, j, i)), "brush", (1,))
        )
        if undone:
            store.append(name, Withdrawn(row.seq))
    store.close()
    library.close()
    return series


@pytest.fixture
def small_net(small_card: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A tiny network as a card of the reader's own, and balls for phantoms."""
    monkeypatch.setattr(page, "phantoms", lambda seeds: (ball("p", synthetic=True),))
    monkeypatch.setattr(page, "CHOSEN", replace(SMALL, steps=2))
    return small_card


def tune(out: Path, *more: str) -> int:
    words = ["train", "lungs", "--data", "corrections", "--out", str(out), "--device", "cpu"]
    return run([*words, "--init", "small", *more])


def test_masks_that_were_changed_come_with_their_scan_and_name_nobody(
    studies: list[Path], tiny: Phantom, hilum_home: Path
) -> None:
    corrected(studies[0], tiny, strokes=2)
    corrected(studies[1], tiny, undone=True)
    (one,) = corrected_scans()
    assert one.name.startswith("correction-") and "secret" not in (one.name + one.patient).lower()
    assert set(np.unique(one.lungs)) == {0, 1, 2} and not one.synthetic


def test_the_newest_reading_of_a_series_speaks_for_it(
    studies: list[Path], tiny: Phantom, hilum_home: Path
) -> None:
    for _ in range(2):
        corrected(studies[0], tiny)
    assert len(corrected_scans()) == 1


def test_a_scan_that_is_gone_is_told_without_its_name_and_the_others_stay(
    studies: list[Path], tiny: Phantom, hilum_home: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(studies[0], moved)
    corrected(moved, tiny)
    corrected(studies[1], tiny)
    shutil.rmtree(moved)
    said: list[str] = []
    assert len(corrected_scans(said.append)) == 1
    assert "no longer where it was" in said[0] and "moved" not in said[0]


def test_a_machine_without_readings_needs_five_patients(
    small_net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(tmp_path / "out") == 1
    assert "5 patients are needed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_weights_that_draw_no_worse_become_a_card_of_their_own(
    studies: list[Path],
    tiny: Phantom,
    small_net: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for path in studies:
        corrected(path, tiny)
    monkeypatch.setattr(page, "verdict", lambda pairs: "")
    assert tune(tmp_path, "--freeze", "encoder") == 0
    said = capsys.readouterr().out
    assert said.count("(held back)") == 2 and "Kept as lungs-own-1" in said
    card = load_card("lungs-own-1")
    about = weights_of(card).about
    assert len(about["patients"].split()) == 3 and '"freeze_encoder": true' in about["settings"]
    assert not (tmp_path / "scans.npz").exists(), "no image of a patient stays behind"
    assert (tmp_path / "corrections.csv").read_text().count("held back") == 2
    known = known_to_network(card)
    assert known is not None and known.weights_sha256 == card.weights_sha256
    assert len(known.chests.sources) == 4 and "4 sources; a scan is unusual" in said
    assert not any("secret" in name.lower() for name in known.chests.sources)
    assert segment_lungs(tiny.volume, card=card, anyway=True).label_map.made_by.remark != OTHERS
    assert run(["models", "verify"]) == 0


def test_a_model_whose_look_cannot_be_made_is_kept_without_and_says_so(
    studies: list[Path],
    tiny: Phantom,
    small_net: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OutOfMemory("There is not enough memory for this scan.")

    for path in studies:
        corrected(path, tiny)
    monkeypatch.setattr(page, "verdict", lambda pairs: "")
    monkeypatch.setattr(gate_reference, "network_reference", full)
    assert tune(tmp_path) == 0
    assert "lungs-own-1 works without its own look" in capsys.readouterr().out
    assert known_to_network(load_card("lungs-own-1")) is None


def test_weights_that_draw_worse_change_nothing_and_the_reason_is_told(
    studies: list[Path],
    tiny: Phantom,
    small_net: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for path in studies:
        corrected(path, tiny)
    monkeypatch.setattr(page, "verdict", lambda pairs: "The right lung is drawn worse.")
    assert tune(tmp_path) == 1
    assert "drawn worse. Nothing was changed: small stays" in capsys.readouterr().out
    assert sorted(path.name for path in own_models().iterdir()) == [
        "small.safetensors",
        "small.toml",
    ]
