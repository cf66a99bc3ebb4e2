"""The messages' contract: samples that must be accepted and refused, also by a remote worker."""

from __future__ import annotations

import dataclasses
import math
import pickle
from typing import Any

import numpy as np
import pytest

from ai.errors import BadInput
from ai.scan.check import ONLY_OTHER, CheckPlace
from ai.scan.density import Density, counted, density_of
from ai.scan.finding import BoxMask, Finding, Measurement
from ai.scan.fit import AMBER, Fit
from ai.scan.labelmap import MadeBy, SegmentFigures
from ai.worker.contract import check_reply, check_request
from ai.worker.messages import (
    PROTOCOL,
    AlignLungs,
    BlockRef,
    Cancel,
    ChanceMapped,
    ComparedLungs,
    CompareLungs,
    Failed,
    FindNodules,
    FoundNodule,
    Hello,
    LabelsRef,
    Learn,
    Learnt,
    LungsAligned,
    LungsDone,
    MapChance,
    MaskRef,
    NodulesDone,
    Progress,
    SegmentLungs,
    Stop,
    VolumeRef,
)

HU = BlockRef("hilum-12-1", (3, 4, 5), "int16")
LABELS = BlockRef("hilum-12-2", (3, 4, 5), "uint8")
ARENA = BlockRef("hilum-12-3", (1 << 20,), "uint8")
VOLUME = VolumeRef(HU, tuple(float(n) for n in np.eye(4).ravel()), "1.2.3", "1.2.4")
MADE_BY = MadeBy("nodules-log", "1")
MEASURED = Measurement(9.0, 7.4, 8.2, 290.0, 31.5, -20.0, 60.0, "solid")
FINDING = Finding(
    "n1", "nodule", (1.0, 2.0, 3.0), 2, "RUZ", 0.7, MEASURED, MADE_BY, (("sphericity", 0.8),)
)
FOUND = FoundNodule(FINDING, MaskRef(0, (2, 3, 4), (1, 0, 0)))

DENSITY = density_of(counted(np.array([-960, -850])))
PLACE = CheckPlace((1.0, 2.0, 3.0), 12.5, ONLY_OTHER, 2)

ACCEPTED_REQUESTS = [
    SegmentLungs("lungs-1", "lungs-classical", VOLUME, LABELS),
    FindNodules("nodules-1", "nodules-log", VOLUME, LABELS, ARENA),
    Learn("learn-1", "{}", "[]"),
    AlignLungs("align-1", LabelsRef(LABELS, VOLUME.affine), LabelsRef(LABELS, VOLUME.affine)),
    SegmentLungs("lungs-2", "lungs-classical", VOLUME, LABELS, anyway=True),
    CompareLungs("compare-1", "lungs-unet", VOLUME, LABELS, LABELS),
    Cancel("lungs-1"),
    Stop(),
    MapChance("chance-1", "lungs-unet", VOLUME, BlockRef("hilum-12-4", (1, 2, 2), "uint8")),
]
ACCEPTED_REPLIES = [
    Hello(PROTOCOL, 4711, (("torch", "2.13.0"),)),
    Progress("lungs-1", 0.25, "airway"),
    Progress("lungs-1", 1, "done"),
    LungsDone("lungs-1", MADE_BY, (SegmentFigures(1, 2450.0, -830.0),), ("Thick slices.",)),
    NodulesDone("nodules-1", MADE_BY, (FOUND,)),
    NodulesDone("nodules-1", MADE_BY, ()),
    Learnt("learn-1", "{}"),
    LungsAligned("align-1", VOLUME.affine, 1.5, 0.97),
    Failed("lungs-1", "There is no lung.", "Try another series."),
    Failed("lungs-1", "This is no chest.", "Choose another.", unfit=True),
    LungsDone("lungs-1", MADE_BY, (SegmentFigures(1, 9.0, -8.0, DENSITY),), (), Fit(AMBER, ("x",))),
    ComparedLungs("compare-1", MADE_BY, (0.98, -1.0), (PLACE,)),
    ChanceMapped("chance-1", MADE_BY),
]


def of(message: Any, **changes: Any) -> Any:
    return dataclasses.replace(message, **changes)


REFUSED_REQUESTS = {
    "nothing": None,
    "text": "segment the lungs",
    "an answer": ACCEPTED_REPLIES[0],
    "a job that is a number": of(ACCEPTED_REQUESTS[0], job=7),
    "voxels in the message": of(ACCEPTED_REQUESTS[0], out=np.zeros((3, 4, 5), np.uint8)),
    "a volume that is no reference": of(ACCEPTED_REQUESTS[0], volume=HU),
    "labels of another shape": of(ACCEPTED_REQUESTS[0], out=of(LABELS, shape=(3, 4, 6))),
    "labels of another type": of(ACCEPTED_REQUESTS[0], out=of(LABELS, dtype="int16")),
    "HU as floats": of(ACCEPTED_REQUESTS[0], volume=of(VOLUME, block=of(HU, dtype="float64"))),
    "an affine of nine numbers": of(ACCEPTED_REQUESTS[0], volume=of(VOLUME, affine=(1.0,) * 9)),
    "an affine with a hole": of(ACCEPTED_REQUESTS[0], volume=of(VOLUME, affine=(math.nan,) * 16)),
    "a list for a tuple": of(ACCEPTED_REQUESTS[0], out=of(LABELS, shape=[3, 4, 5])),
    "a shape of nothing": of(ACCEPTED_REQUESTS[1], out=of(ARENA, shape=(0,))),
    "an arena with three axes": of(ACCEPTED_REQUESTS[1], out=LABELS),
    "another program's block": of(ACCEPTED_REQUESTS[1], out=of(ARENA, name="/etc/passwd")),
    "lungs as HU": of(ACCEPTED_REQUESTS[3], fixed=LabelsRef(HU, VOLUME.affine)),
    "lungs that lie nowhere": of(ACCEPTED_REQUESTS[3], moving=LabelsRef(LABELS, (1.0,) * 12)),
    "a block of another shape to mark in": of(ACCEPTED_REQUESTS[5], out=of(LABELS, shape=(3, 4))),
    "a map of another grid": of(ACCEPTED_REQUESTS[8], out=LABELS),
    "a map of truths": of(ACCEPTED_REQUESTS[8], out=BlockRef("hilum-12-4", (1, 2, 2), "bool")),
    "a wish that is no truth": of(ACCEPTED_REQUESTS[0], anyway=1),
    "feedback that is no text": of(ACCEPTED_REQUESTS[2], feedback=[{}]),
}
REFUSED_REPLIES = {
    "a request": Stop(),
    "another protocol": Hello(PROTOCOL + 1, 1),
    "a truth for a number": Hello(PROTOCOL, True),
    "versions as a dictionary": Hello(PROTOCOL, 1, {"torch": "2"}),  # type: ignore[arg-type]
    "more than all of it": Progress("lungs-1", 1.5),
    "no number at all": Progress("lungs-1", math.nan),
    "millilitres without end": of(ACCEPTED_REPLIES[3], figures=(SegmentFigures(1, math.inf, 0.0),)),
    "a motion of nine numbers": LungsAligned("align-1", (1.0,) * 9, 1.0, 1.0),
    "a mask in the message": NodulesDone(
        "n",
        MADE_BY,
        (of(FOUND, finding=of(FINDING, mask=BoxMask((0, 0, 0), np.ones((1, 1, 1), bool)))),),
    ),
    "a centre in two numbers": NodulesDone(
        "n", MADE_BY, (of(FOUND, finding=of(FINDING, centre_lps=(1.0, 2.0))),)
    ),
    "a light of another colour": of(ACCEPTED_REPLIES[3], fit=Fit("blue")),
    "a place of an unknown kind": ComparedLungs("c", MADE_BY, (1.0, 1.0), (of(PLACE, kind="?"),)),
    "densities of two places": of(
        ACCEPTED_REPLIES[3], figures=(SegmentFigures(1, 1.0, 0.0, Density((1, 2))),)
    ),
    "a mask before the arena": NodulesDone(
        "n", MADE_BY, (of(FOUND, mask=MaskRef(-1, (1, 1, 1), (0, 0, 0))),)
    ),
}


@pytest.mark.parametrize("message", ACCEPTED_REQUESTS, ids=lambda m: type(m).__name__)
def test_a_worker_may_be_asked(message: Any) -> None:
    check_request(pickle.loads(pickle.dumps(message)))


@pytest.mark.parametrize("message", ACCEPTED_REPLIES, ids=lambda m: type(m).__name__)
def test_a_worker_may_answer(message: Any) -> None:
    check_reply(pickle.loads(pickle.dumps(message)))


@pytest.mark.parametrize("what", REFUSED_REQUESTS)
def test_a_worker_must_not_be_asked(what: str) -> None:
    with pytest.raises(BadInput):
        check_request(REFUSED_REQUESTS[what])


@pytest.mark.parametrize("what", REFUSED_REPLIES)
def test_a_worker_must_not_answer(what: str) -> None:
    with pytest.raises(BadInput):
        check_reply(REFUSED_REPLIES[what])


def test_a_refusal_names_the_place_and_the_reason() -> None:
    with pytest.raises(BadInput) as raised:
        check_request(REFUSED_REQUESTS["an affine with a hole"])
    assert raised.value.sentence == "SegmentLungs.volume.affine[0] must be a finite number."
