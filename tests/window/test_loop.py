"""The loop of a reading, through the real window: verdicts, undo, held ones, added ones."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from ai.worker.messages import Failed, FindNodules, Progress, SegmentLungs
from tests.fakes import CANDIDATES, candidate
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer import theme
from viewer.dicom.io_messages import MakeDemo
from viewer.notices import Notice
from viewer.panels.buttons import OFF
from viewer.panels.finding_rows import HEAD
from viewer.panels.parts import strong
from viewer.views import corners

Key = Qt.Key


def names(sitting: Sitting) -> list[str]:
    return [entry.id for entry in sitting.window.findings.model.entries if entry.kind != HEAD]


def test_the_first_candidate_is_current_when_they_arrive(read: Sitting) -> None:
    assert read.desk.current == read.desk.order[0]
    finding = read.desk.current_finding
    assert finding is not None
    assert read.window.panes.state.crosshair_lps == pytest.approx(finding.centre_lps)


def test_a_accepts_and_the_next_one_comes_by_itself(read: Sitting) -> None:
    first, second = read.desk.order[:2]
    read.key(Key.Key_A)
    assert read.state(first) == "accepted"
    assert read.desk.current == second
    assert read.window.panes.state.crosshair_lps == pytest.approx(
        read.desk.current_finding.centre_lps  # type: ignore[union-attr]
    )


def test_x_right_after_a_counts(read: Sitting) -> None:
    first, second = read.desk.order[:2]
    read.key(Key.Key_A)
    read.key(Key.Key_X)
    assert (read.state(first), read.state(second)) == ("accepted", "rejected")


def test_u_leaves_a_finding_open_and_goes_on(read: Sitting) -> None:
    first, second = read.desk.order[:2]
    read.key(Key.Key_U)
    assert read.state(first) == "undecided"
    assert read.desk.current == second


def test_after_the_last_answer_undecided_ones_come_again(read: Sitting) -> None:
    read.key(Key.Key_U)
    first = "a"
    for _ in range(3):
        read.key(Key.Key_A)
    assert read.desk.current == first
    read.key(Key.Key_X)
    assert read.desk.current is None


def test_n_and_p_go_round_over_judged_ones_and_never_over_held_ones(read: Sitting) -> None:
    order = read.desk.order
    assert set(order) == set("abcd")
    seen = []
    for _ in range(len(order)):
        seen.append(read.desk.current)
        read.key(Key.Key_N)
    assert tuple(seen) == order
    assert read.desk.current == order[0]
    read.key(Key.Key_P)
    assert read.desk.current == order[-1]


def test_undo_makes_its_finding_current_again_in_the_state_it_had(read: Sitting) -> None:
    first = read.desk.current
    read.key(Key.Key_A)
    read.key(Key.Key_Z, CTRL)
    assert read.desk.current == first
    assert read.state(first or "") == "proposed"


def test_redo_goes_on_to_the_next(read: Sitting) -> None:
    first, second = read.desk.order[:2]
    read.key(Key.Key_A)
    read.key(Key.Key_Z, CTRL)
    read.key(Key.Key_Z, CTRL | SHIFT)
    assert read.state(first) == "accepted"
    assert read.desk.current == second


def test_m_adds_a_finding_at_the_crosshair_to_your_own_pass(read: Sitting) -> None:
    current = read.desk.current
    read.window.panes.go_to((0.0, 0.0, 0.0))
    read.key(Key.Key_M)
    assert read.desk.reading is not None
    added = read.desk.reading.in_state("added")
    assert len(added) == 1
    heads = [e for e in read.window.findings.model.entries if e.kind == HEAD]
    assert [(head.name, head.count) for head in heads] == [("Your own pass", 1)]
    assert read.desk.current == added[0].id
    read.key(Key.Key_Return)
    read.key(Key.Key_N)
    assert read.desk.current == current
    read.key(Key.Key_Z, CTRL)
    assert not read.desk.reading.in_state("added")


def test_what_is_held_back_is_told_with_its_number_and_its_largest(read: Sitting) -> None:
    row = read.window.findings.held_row
    assert not row.isHidden()
    assert row.text == "2 held back"
    assert "4.0 mm" in row._largest
    assert read.window.status.held.label.text() == "0 of 2 held \u2265 6 mm"
    assert not set("ef") & set(names(read))


def test_show_lists_what_is_held_back_and_each_can_be_judged(read: Sitting) -> None:
    read.click(read.window.findings.held_row.button)
    assert set("ef") <= set(names(read))
    n = [e.id for e in read.window.findings.model.entries].index("e")
    read.click_entry(read.window.findings.list, n)
    assert read.desk.current == "e"
    read.key(Key.Key_A)
    assert read.state("e") == "accepted"
    assert read.window.findings.held_row.text == "1 held back"


def test_marks_show_what_is_shown_and_a_held_one_only_while_it_is_looked_at(read: Sitting) -> None:
    def marks() -> set[str]:
        return {mark.id for mark in read.window.panes.views["axial"]._marks}

    assert marks() == set("abcd")
    read.desk.select("f")
    assert marks() == set("abcdf")
    read.key(Key.Key_N)
    assert marks() == set("abcd")


def test_the_card_has_buttons_that_work_like_the_keys(read: Sitting) -> None:
    findings = read.window.findings
    first = read.desk.current
    n = [entry.current for entry in findings.model.entries].index(True)
    rect = findings.rows.buttons(findings.list.viewport().width())["reject"]
    read.click_entry(findings.list, n, rect.center())
    assert read.state(first or "") == "rejected"


def test_a_click_on_a_row_makes_it_current(read: Sitting) -> None:
    n = names(read).index("c")
    read.click_entry(read.window.findings.list, n, QPointF(120, 20))
    assert read.desk.current == "c"


def test_the_count_says_how_many_are_judged(read: Sitting) -> None:
    assert read.window.findings.judged == (0, 4)
    read.key(Key.Key_A)
    read.key(Key.Key_X)
    read.key(Key.Key_U)
    assert read.window.findings.judged == (3, 4), "undecided is an answer"


def test_no_candidates_says_what_to_do(sitting: Sitting) -> None:
    sitting.open()
    sitting.nodules()
    text = sitting.window.findings.empty.text
    by = sitting.desk.reading.history[-1].event.made_by.name
    assert "0 candidates in" in text
    assert f"ml of lung, by {by}. Small nodules can be missed." in text
    assert "M adds" in text


def test_only_held_ones_are_told_with_their_row(sitting: Sitting) -> None:
    sitting.open()
    small = [candidate(n, (20, 20, 20), mean_mm=4.0, chance=0.01) for n in ("g", "h")]
    sitting.nodules(*small)
    assert not sitting.desk.order
    assert "0 candidates shown" in sitting.window.findings.empty.text
    assert sitting.window.findings.held_row.text == "2 held back"


def test_the_accent_walks_along_the_steps(sitting: Sitting) -> None:
    steps = sitting.window.topbar.steps
    kinds = lambda: [steps[s].kind for s in ("segment-lungs", "find-nodules", "export")]  # noqa: E731
    assert kinds() == ["off", "off", "off"]
    sitting.open()
    assert kinds() == ["primary", "", "off"]
    sitting.key(Key.Key_F5)
    sitting.children.progress(SegmentLungs, 0.54, "Parting right and left")
    assert kinds()[0] == "busy"
    assert steps["segment-lungs"].tail == "54 %"
    sitting.children.lungs()
    assert kinds() == ["done", "primary", ""]
    sitting.key(Key.Key_F6)
    sitting.children.nodules(*CANDIDATES)
    assert kinds() == ["done", "done", ""]
    assert sitting.window.findings.rows.look.accent
    for _ in range(4):
        sitting.key(Key.Key_A)
    assert kinds() == ["done", "done", "primary"]
    assert not sitting.window.findings.rows.look.accent


def test_a_failed_job_says_why_and_runs_again_from_the_strip(sitting: Sitting) -> None:
    sitting.open()
    sitting.lungs()
    sitting.key(Key.Key_F6)
    sitting.children.fail(
        FindNodules, "The AI process ended. Your reading is safe.", "Run it again."
    )
    strip = sitting.window.strip
    (row,) = strip.job_rows.values()
    assert row.name.text() == "Find nodules stopped"
    assert "The AI process ended." in row.step.text()
    before = sitting.jobs.asked(FindNodules).job
    sitting.click(row.run_again)
    assert sitting.jobs.asked(FindNodules).job != before
    (row,) = strip.job_rows.values()
    assert row.name.text() == "Find nodules"


def test_of_two_jobs_only_the_one_that_esc_stops_says_so(read: Sitting) -> None:
    export = read.jobs.ask_io("export", SimpleNamespace(job="export-9"))
    search = read.jobs.ask_ai("nodules", SimpleNamespace(job="nodules-9"))

    def caps() -> dict[str, str]:
        return {job: row.cancel.tail for job, row in read.window.strip.job_rows.items()}

    assert caps() == {export: "Esc", search: ""}
    read.key(Key.Key_Escape)
    assert export in read.jobs.io.cancelled and search not in read.jobs.io.cancelled
    read.jobs.say(Failed(export, "Cancelled.", cancelled=True))
    assert caps() == {search: "Esc"}
    read.desk.select("a")
    read.key(Key.Key_E)
    assert caps() == {search: ""}, "there Esc leaves the edit"
    read.key(Key.Key_Escape)
    assert read.desk.editing.target is None and caps() == {search: "Esc"}


def test_a_search_that_waits_for_the_lungs_is_told_at_once_and_cannot_be_asked_for_twice(
    sitting: Sitting,
) -> None:
    sitting.open()
    sitting.key(Key.Key_F5)
    sitting.key(Key.Key_F6)
    strip, button = sitting.window.strip, sitting.window.topbar.steps["find-nodules"]
    lungs, waiting = strip.job_rows.values()
    QApplication.processEvents()
    assert not lungs.parting.isVisible() and waiting.parting.isVisible()
    assert waiting.step.x() - waiting.name.geometry().right() < 20, "both are one clause"
    assert waiting.left.x() - waiting.step.x() > 40 and lungs.width() > waiting.width()
    assert button.kind == OFF and "after the lungs" in button.toolTip()
    sitting.click(waiting.clear)
    assert button.kind != OFF and list(strip.job_rows.values()) == [lungs]


def test_a_job_whose_step_is_called_as_it_is_says_so_once(sitting: Sitting) -> None:
    sitting.desk.open_demo()
    job = sitting.jobs.asked(MakeDemo).job
    (row,) = sitting.window.strip.job_rows.values()
    sitting.jobs.say(Progress(job, 0.1, "Growing vessels"))
    assert row.step.text() == "Growing vessels"
    sitting.jobs.say(Progress(job, 0.5, "Making the demo study"))
    assert (row.name.text(), row.step.text()) == ("Making the demo study", "")


def test_a_failed_job_can_be_cleared_away(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_F5)
    sitting.children.fail(SegmentLungs, "There is no room.")
    (row,) = sitting.window.strip.job_rows.values()
    sitting.click(row.clear)
    assert sitting.window.strip.isHidden()


def test_why_is_told_in_the_card_without_a_number_until_y(read: Sitting) -> None:
    current = next(e for e in read.window.findings.model.entries if e.current)
    assert current.why and "%" not in current.why
    assert not read.window.findings.rows.look.numbers
    read.key(Key.Key_Y)
    assert read.window.findings.rows.look.numbers


def test_the_line_below_the_head_is_bright_as_far_as_all_is_judged(read: Sitting) -> None:
    line = read.window.findings.judged_line
    assert line.share == 0
    read.key(Key.Key_A)
    assert line.share == 0.25
    bright, plain = (line.grab().toImage().pixelColor(x, 0) for x in (2, line.width() - 2))
    assert bright != plain


def test_a_rejected_row_says_that_no_reason_was_given(read: Sitting) -> None:
    first = read.desk.current
    read.key(Key.Key_X)
    (row,) = [e for e in read.window.findings.model.entries if e.id == first]
    assert row.size == "rejected, no reason given"


def test_a_wide_agent_page_has_its_figures_in_one_row(read: Sitting) -> None:
    page = read.window.agent
    figures = (page.learnt, page.proposals, page.held, page.today)

    def tops(layout: Key) -> set[int]:
        read.key(layout)
        read.window.side.open(2)
        for _ in range(3):
            QApplication.processEvents()
        return {figure.y() for figure in figures}

    assert len(tops(Key.Key_F2)) == 2
    assert len(tops(Key.Key_F4)) == 1
    assert len(tops(Key.Key_F2)) == 2


def test_the_agent_page_tells_version_counts_and_why(read: Sitting) -> None:
    read.window.side.open(2)
    page = read.window.agent
    assert page.state.label.text() == f"Serves · v{read.desk.agent.policy.version}"
    assert page.proposals.number.text() == "6"
    assert page.held.number.text() == "2"
    assert "rank 1 of 6" in page.rank.text()
    assert {reason.label for reason in page.bars.reasons} == {
        reason.label
        for reason in read.desk.agent.why(read.desk.reading, read.desk.current_finding)  # type: ignore[arg-type]
    }
    assert page.origin.text().lower().startswith(read.desk.agent.policy.origin.lower().rstrip("."))


def test_ctrl_c_copies_the_name_as_readers_say_it(read: Sitting, qapp: object) -> None:
    read.key(Key.Key_C, CTRL)
    from PySide6.QtGui import QGuiApplication

    text = QGuiApplication.clipboard().text()
    assert text == "left middle zone, 14.0 mm solid, se 7 im 20"


def test_a_toast_stays_clear_of_the_foot_of_its_pane_when_the_jobs_come(read: Sitting) -> None:
    """There stands that marks are the AI's and for research use."""
    window = read.window
    read.desk.tell(Notice("Own pass done. 4 marks show."))
    pane = window.panes.views[window.panes.active]
    clear = pane.geometry().bottom() - window.toast.geometry().bottom()
    high = pane.height()
    read.jobs.ask_ai("lungs", SimpleNamespace(job="lungs-9"))
    for _ in range(3):
        QApplication.processEvents()
    assert window.strip.isVisible() and window.toast.isVisible() and pane.height() < high
    assert pane.geometry().bottom() - window.toast.geometry().bottom() == clear
    assert clear > corners.tab_size(["AI: research use"])[1]


def test_a_toast_becomes_narrower_with_the_panes(read: Sitting) -> None:
    """The way back stays whole when the studies open beside the panes of a small window."""
    read.window.resize(1024, 700)
    read.window.studies.fold(True)
    read.desk.add_at((0.0, 0.0, 0.0))
    QApplication.processEvents()
    read.window.studies.fold(False)
    QApplication.processEvents()
    toast = read.window.toast
    assert toast.isVisible() and toast.button is not None
    assert toast.geometry().right() <= read.window.centre.width()
    right = toast.button.mapTo(read.window.centre, toast.button.rect().bottomRight())
    assert right.x() <= read.window.centre.width()


def test_the_current_card_stays_whole_when_the_job_strip_makes_the_list_lower(
    read: Sitting,
) -> None:
    read.window.resize(1024, 640)
    read.desk.add_at((0.0, 0.0, 0.0))
    QApplication.processEvents()
    findings = read.window.findings
    (n,) = [n for n, entry in enumerate(findings.model.entries) if entry.current]
    before = findings.height()
    room = findings.list.viewport().height()
    assert findings.list.visualRect(findings.model.index(n)).bottom() < room
    read.desk.export()
    QApplication.processEvents()
    assert findings.height() < before
    card = findings.list.visualRect(findings.model.index(n))
    assert card.top() >= 0
    assert card.bottom() < findings.list.viewport().height()


def test_in_a_narrow_window_each_of_the_three_answers_has_room_for_its_key(read: Sitting) -> None:
    read.window.resize(1024, 640)
    rows, view = read.window.findings.rows, read.window.findings.list
    for wide in (view.viewport().width(), view.viewport().width() - 10):
        places = rows.buttons(wide)
        for name, font in (("accept", strong()), ("reject", None), ("edit", None)):
            metrics = QFontMetricsF(font or theme.font("bodyStrong"))
            told = metrics.horizontalAdvance(rows._labels[name])
            needs = told + theme.key_cap_width(rows._keys[name]) + 2 * theme.number("space.xs")
            assert places[name].width() >= needs, name
        assert places["undecided"].right() <= wide - theme.number("space.m") + 0.01
