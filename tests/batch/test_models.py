"""Which models read a study without a window: the default ones unless others are named."""

from __future__ import annotations

import json

import pytest

from tests.flows.phantom import copy_of


def test_the_named_card_draws_the_lungs_and_what_is_written_says_so(batch, folder, phantom) -> None:
    pytest.importorskip("torch")
    study = copy_of(phantom, folder / "network")
    ran = batch(study, "--models", "unet", "--json")
    assert ran.code == 0 and ran.told[0]["read"], ran.err
    written = b"".join(file.read_bytes() for file in ran.folder.rglob("*") if file.is_file())
    assert b"lungs-unet" in written and b"lungs-classical" not in written
    assert json.loads((ran.folder / "findings.json").read_text("utf-8"))["findings"]


@pytest.mark.parametrize(
    ("models", "why"),
    [
        ("lungs-own-7", "no model card named 'lungs-own-7'"),
        ("unet,classical", "Both lungs-unet and lungs-classical are for lungs"),
        ("unet,../unet", "no model card"),
    ],
)
def test_a_card_that_is_none_or_one_too_many_is_told_before_a_study_is_read(
    batch, phantom, folder, models, why
) -> None:
    ran = batch(copy_of(phantom, folder / str(hash(models))), "--models", models)
    assert ran.code == 1 and why in ran.err and not ran.out
