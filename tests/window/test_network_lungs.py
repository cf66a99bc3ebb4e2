"""Lungs by the network, asked for in the window; when it fails the classical method is offered."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt

from ai.scan.labelmap import MadeBy
from ai.worker.messages import CompareLungs, Failed, LungsDone, SegmentLungs
from ai.worker.shared import Block
from tests.window.conftest import SHIFT, Sitting
from viewer.notices import BANNER, WARN
from viewer.window.keys import SEGMENTS

SPOILT = "The weights lungs-unet.safetensors are not the ones that the model's card names."
REMEDY = "Install Hilum again, or choose Lungs (classical), which needs no weights."
RUN = MadeBy("lungs-unet", "1.0", "6d12" * 16, "OpenVINO 2026.4.1 f32", "CPU")


def by_network(sitting: Sitting) -> SegmentLungs:
    sitting.key(Qt.Key.Key_F5, SHIFT)
    return sitting.jobs.asked(SegmentLungs)


def fails(sitting: Sitting) -> None:
    sitting.jobs.say(Failed(by_network(sitting).job, SPOILT, REMEDY))


def offers(sitting: Sitting) -> list[str]:
    return [banner.notice.action for banner in sitting.window.banners.shown]


def answer(sitting: Sitting, made_by: MadeBy) -> None:
    request = sitting.jobs.asked(SegmentLungs)
    with Block.attach(request.out, writable=True) as block:
        block.array[5:35, 10:50, 5:25] = 1
    sitting.jobs.say(LungsDone(request.job, made_by, ()))


def test_the_network_is_asked_by_a_key_of_its_own_and_f5_asks_the_default(sitting: Sitting) -> None:
    sitting.open()
    assert by_network(sitting).card == "lungs-unet"
    answer(sitting, RUN)
    sitting.key(Qt.Key.Key_F5)
    assert sitting.jobs.asked(SegmentLungs).card == "lungs-classical"


def test_a_network_that_fails_costs_a_sentence_and_offers_the_classical_method(
    sitting: Sitting,
) -> None:
    sitting.open()
    fails(sitting)
    told = sitting.notices[-1]
    assert (told.sentence, told.remedy) == (SPOILT, REMEDY)
    assert (told.level, told.place, told.action) == (WARN, BANNER, "segment-classical")
    assert not sitting.jobs.living, "the strip does not offer the same model again"
    banner = next(b for b in sitting.window.banners.shown if b.notice.sentence == SPOILT)
    sitting.click(banner.buttons[0])
    assert sitting.jobs.asked(SegmentLungs).card == "lungs-classical"
    answer(sitting, MadeBy("lungs-classical", "1.0"))
    assert "segment-classical" not in offers(sitting), "it was done"


def test_what_was_there_before_a_network_failed_stays(sitting: Sitting) -> None:
    sitting.read()
    before = sitting.desk.reading
    assert before is not None and before.has_lungs
    fails(sitting)
    after = sitting.desk.reading
    assert after is not None and after.lungs is before.lungs
    assert after.states == before.states


def test_the_classical_method_that_fails_is_not_offered_again(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Qt.Key.Key_F5)
    sitting.jobs.say(Failed(sitting.jobs.asked(SegmentLungs).job, "It failed.", ""))
    assert "segment-classical" not in offers(sitting)


def test_the_panel_tells_with_what_the_lungs_were_found(sitting: Sitting) -> None:
    sitting.open()
    by_network(sitting)
    remark = "Memory was short: asked by windows of 64 x 64 x 64."
    answer(sitting, replace(RUN, remark=remark))
    sitting.window.side.open(SEGMENTS)
    told = sitting.window.segments._made_by.text()
    assert told == (
        "Model lungs-unet 1.0, SHA-256 6d126d126d12, OpenVINO 2026.4.1 f32, CPU\n" + remark
    )


def test_the_other_method_is_one_click_away(sitting: Sitting) -> None:
    sitting.open()
    by_network(sitting)
    answer(sitting, RUN)
    sitting.window.side.open(SEGMENTS)
    check = sitting.window.segments.check
    assert not check.take.isHidden()
    sitting.click(check.take)
    assert sitting.jobs.asked(SegmentLungs).card == "lungs-classical"
    answer(sitting, MadeBy("lungs-classical", "1.0"))
    sitting.click(check.take)
    assert sitting.jobs.asked(SegmentLungs).card == "lungs-unet"


def test_a_comparison_that_fails_leaves_the_lungs(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Qt.Key.Key_F5)
    answer(sitting, MadeBy("lungs-classical", "1.0"))
    reading = sitting.desk.reading
    assert reading is not None
    sitting.desk.checking.compare()
    sitting.jobs.say(Failed(sitting.jobs.asked(CompareLungs).job, SPOILT, REMEDY))
    assert sitting.desk.reading is not None and sitting.desk.reading.lungs is reading.lungs
    assert sitting.said == SPOILT
