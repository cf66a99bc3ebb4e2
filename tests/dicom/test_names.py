"""Names are found by whichever half a reader types, in whatever letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data import data_folder
from viewer.dicom.headers import PATIENT_NAME, decoded, read_header
from viewer.dicom.names import name_matches, name_parts, search_key, shown_name

WANG = "Wang^XiaoDong=王^小东"
YAMADA = "Yamada^Tarou=山田^太郎=やまだ^たろう"


def test_the_three_writings_of_a_name_come_apart() -> None:
    assert name_parts(WANG) == ("Wang XiaoDong", "王小东", "")
    assert name_parts(YAMADA) == ("Yamada Tarou", "山田太郎", "やまだたろう")
    assert name_parts("=王^小东") == ("", "王小东", "")
    assert name_parts("Hong^Gildong=洪^吉洞=홍^길동") == ("Hong Gildong", "洪吉洞", "홍길동")
    assert name_parts("de la Cruz^Ana^^Dr.^PhD") == ("de la Cruz Ana Dr. PhD", "", "")
    assert name_parts("") == name_parts("^^=^=") == ("", "", "")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Doe^Jane^M=x^y", "x y (Doe Jane M)"),
        ("Doe^Jane", "Doe, Jane"),
        (WANG, "王小东 (Wang XiaoDong)"),
        (YAMADA, "山田太郎 (Yamada Tarou)"),
        ("=王^小东", "王小东"),
        ("王^小东", "王小东"),
        ("王^小东=王^小东", "王小东"),
        ("Doe^Jane^M^Dr.^PhD", "Doe, Jane M Dr. PhD"),
        ("Phantom", "Phantom"),
        ("", ""),
        ("^^=^", ""),
    ],
)
def test_both_halves_of_a_name_are_shown(raw: str, shown: str) -> None:
    assert shown_name(raw) == shown


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        (WANG, "wang"),
        (WANG, "XIAODONG WANG"),
        (WANG, "wangxiao"),
        (WANG, "王小东"),
        (WANG, "小东"),
        (WANG, "王 小东"),
        (YAMADA, "太郎"),
        (YAMADA, "やまだ"),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "ヤマダ"),
        ("Müller^Jürgen", "muller"),
        ("Buc^Jérôme", "jerome buc"),
        ("O'Neil-Smith^Ann", "oneil smith"),
        ("Люксембург", "люксем"),
    ],
)
def test_a_name_is_found_by_either_half(name: str, typed: str) -> None:
    assert name_matches(name, typed)


@pytest.mark.parametrize("typed", ["", "   ", "^", "wang 小东", "li", "東", "xiaodongwang"])
def test_what_stands_in_no_one_writing_is_not_found(typed: str) -> None:
    assert not name_matches(WANG, typed)


def test_voiced_kana_stay_other_letters() -> None:
    assert search_key("だ") != search_key("た")


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_text_breaks_the_search(name: str, typed: str) -> None:
    assert isinstance(name_matches(name, typed), bool)
    assert len(name_parts(name)) == 3


def test_undeclared_chinese_is_read_and_accents_stay_accents() -> None:
    assert decoded("王^小东".encode("gb18030")) == "王^小东"
    assert decoded("Nuñez^José".encode("latin-1")) == "Nuñez^José"
    assert decoded("Äneas^Rüdiger".encode("latin-1")) == "Äneas^Rüdiger"


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("txt-gb18030/001.dcm", WANG),
        ("txt-undeclared-gbk/001.dcm", "王小东龙"),
        ("txt-korean-iso2022/001.dcm", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("real-charsets/chrH32.dcm", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("real-charsets/chrArab.dcm", "قباني^لنزار"),
        ("real-charsets/chrHbrw.dcm", "שרון^דבורה"),
        ("real-charsets/chrGreek.dcm", "Διονυσιος"),
        ("real-charsets/chrRuss.dcm", "Люкceмбypг"),
        ("real-charsets/chrX1.dcm", "Wang^XiaoDong=王^小東="),
        ("real-charsets/chrKoreanMulti.dcm", "김희중"),
    ],
)
def test_every_character_set_gives_its_letters(file: str, name: str) -> None:
    folder = data_folder()
    assert folder is not None
    assert read_header(folder / "torture" / file).text(PATIENT_NAME) == name
