"""Files that are no scan are told by their names, and several of them as several."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dicom.small import write_ct
from viewer.dicom.assemble import left_out_sentences
from viewer.dicom.find import open_path
from viewer.dicom.stacks import LeftOut
from viewer.language.catalogue import language

SEG = "1.2.840.10008.5.1.4.1.1.66.4"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "0.dcm is a segmentation, but the CT of this segmentation is missing."),
        (2, "0.dcm, 1.dcm are segmentations, and for each the CT of this segmentation is missing."),
        (5, "0.dcm, 1.dcm, 2.dcm and 2 more are segmentations, and for each the CT of this "
            "segmentation is missing."),
    ],
)  # fmt: skip
def test_segmentations_without_their_ct_are_named(tmp_path: Path, count: int, said: str) -> None:
    def edit(dataset, k: int) -> None:
        dataset.SOPClassUID = SEG

    for n, file in enumerate(write_ct(tmp_path, edit=edit)):
        if n < count:
            file.rename(tmp_path / f"{n}.dcm")
        else:
            file.unlink()
    opened = open_path(tmp_path)
    first, second = opened.sentences
    assert first == said and second.startswith("Open the CT first, then th")
    assert "CT" in language("zh").say(first) and "segmentation" not in language("zh").say(first)


@pytest.mark.parametrize(
    ("fact", "of_several"),
    [
        ("it is RT Dose Storage, not a CT scan", "each is RT Dose Storage, not a CT scan"),
        ("it is not an image but a letter", "each is not an image but a letter"),
        ("its pixels of 3 bits are not read here", "their pixels of 3 bits are not read here"),
        ("the pixel data is too short", "the pixel data is too short"),
    ],
)
def test_a_fact_of_several_files_is_not_told_of_one(fact: str, of_several: str) -> None:
    left = [LeftOut("a.dcm", fact), LeftOut("b.dcm", fact)]
    assert left_out_sentences(left[:1], 1, noun="file") == [f"a.dcm: {fact}."]
    assert left_out_sentences(left, 2, noun="file") == [f"All 2 files: {of_several}."]
    assert left_out_sentences(left, 3, noun="file") == [f"2 files (a.dcm, b.dcm): {of_several}."]
