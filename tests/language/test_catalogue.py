"""Sentences are known by their pattern, and said in the reader's language."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication

from viewer.language.catalogue import CHINESE, ENGLISH, LANGUAGES, Language, language
from viewer.language.spoken import (
    clause,
    headed,
    listed,
    of_hundred,
    say,
    speak,
    tight,
    wanted,
)

ZH = Language(
    "zh",
    {"Right lung": "右肺", "Open": "打开", "4 images": "4 幅图像"},
    {"Study": {"Open": "未结束"}},
    {
        "{0} images are missing between {1} and {2}.": "图 {1} 与 {2} 之间缺少 {0} 张图像。",
        "{0} was not found.": "未找到{0}。",
        "The disk is full.": "磁盘已满。",
        "{0} is full.": "{0}已满。",
        "{0} and {0} again.": "{0}，再一次{0}。",
    },
)


def test_a_sentence_with_numbers_is_known_and_its_holes_may_change_places():
    assert ZH.say("4 images are missing between 60 and 65.") == "图 60 与 65 之间缺少 4 张图像。"


def test_a_value_that_has_words_of_its_own_is_said_too():
    assert ZH.say("Right lung was not found.") == "未找到右肺。"


def test_the_pattern_with_most_words_of_its_own_wins():
    assert ZH.say("The disk is full.") == "磁盘已满。"
    assert ZH.say("A pipe is full.") == "A pipe已满。"


def test_several_sentences_in_one_are_said_one_by_one():
    both = "4 images are missing between 60 and 65. The disk is full."
    assert ZH.say(both) == "图 60 与 65 之间缺少 4 张图像。磁盘已满。"


def test_a_sentence_may_stand_in_anothers_hole():
    held = Language("zh", {}, {}, {**ZH.sentences, "{0} Nothing was laid on it.": "{0}未叠加。"})
    assert held.say("The disk is full. Nothing was laid on it.") == "磁盘已满。未叠加。"


def test_what_is_not_known_stays_as_it_is():
    assert ZH.say("Nobody ever said this.") == "Nobody ever said this."
    assert ZH.say("Unknown thing. The disk is full.") == "Unknown thing. 磁盘已满。"
    assert ZH.say("") == ""


def test_a_hole_named_twice_holds_the_same_twice():
    assert ZH.say("red and red again.") == "red，再一次red。"
    assert ZH.say("red and blue again.") == "red and blue again."


def test_one_english_word_may_have_two_meanings():
    assert ZH.text("Open") == "打开"
    assert ZH.text("Open", "Study") == "未结束"
    assert ZH.text("Close") is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_that_is_offered_is_shipped(code):
    assert language(code).code == code


def test_a_language_that_nobody_made_is_english():
    assert language("xx").code == ENGLISH
    assert language("xx").say("The disk is full.") == "The disk is full."


def test_the_setting_comes_before_the_system(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert wanted("") == CHINESE
    assert wanted(ENGLISH) == ENGLISH
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert wanted("") == ENGLISH


def test_qt_asks_the_catalogue_and_falls_back_to_english(qapp, monkeypatch):
    monkeypatch.setattr("viewer.language.spoken.language", lambda code: ZH)
    speak(CHINESE)
    try:
        assert QCoreApplication.translate("Anything", "Right lung") == "右肺"
        assert QCoreApplication.translate("Study", "Open") == "未结束"
        assert QCoreApplication.translate("Study", "Never heard") == "Never heard"
        assert say("The disk is full.") == "磁盘已满。"
    finally:
        monkeypatch.undo()
        speak(ENGLISH)
    assert QCoreApplication.translate("Anything", "Right lung") == "Right lung"


def test_a_pattern_without_a_word_of_its_own_is_known_again_in_nothing():
    told = Language("zh", {}, {}, {"{0}.": "{0}。", "{0}, {1}": "{0}，{1}"})
    assert told.say("Nobody translated this.") == "Nobody translated this."
    assert told.say("One, two") == "One, two"


def test_sentences_in_chinese_stand_without_a_gap():
    assert tight("已签署。 11 个标记未判。 完") == "已签署。11 个标记未判。完"
    assert tight("Signed. Two marks.") == "Signed. Two marks."


def test_what_is_said_already_hides_no_sentence_behind_it():
    told = "已保存 16 个对象。 No finding was accepted: no nodules file."
    assert language("zh").say(told) == "已保存 16 个对象。未接受任何发现：无结节文件。"


def test_a_name_and_own_words_in_chinese_end_with_its_own_full_stop():
    told = "Signed by the reader on 2026-11-27 at 09:06. Name of the reader: Dr. A. Weber."
    said = language("zh").say(told)
    assert said == "阅片者已于 2026-11-27 09:06 签署。阅片者姓名：Dr. A. Weber。"
    why = language("zh").say(f"{told} Reason given: side. Typo.")
    assert why == f"{said}原因：side. Typo。"


def test_a_list_is_parted_as_the_language_parts_it(qapp):
    assert listed(["size", "vessel"]) == "size, vessel"
    speak(CHINESE)
    try:
        assert listed(["大小", "血管"]) == "大小、血管"
    finally:
        speak(ENGLISH)


def test_a_clause_a_head_and_a_percentage_have_the_signs_of_the_language(qapp):
    assert clause("Wei", "", "2026-01-02") == "Wei, 2026-01-02"
    assert (headed("Lungs", "both"), of_hundred("63")) == ("Lungs: both", "63 %")
    speak(CHINESE)
    try:
        assert clause("王伟", "", "2026-01-02") == "王伟，2026-01-02"
        assert (headed("肺", "双侧"), of_hundred("63")) == ("肺：双侧", "63%")
    finally:
        speak(ENGLISH)
