"""Chinese as radiologists write it: one term for one thing, signs of full width, no gap at a %."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from viewer.language.catalogue import CHINESE, language

GLOSSARY: dict[str, str] = {
    # disease and anatomy
    "nodules?": "结节",
    "ground[ -]glass": "磨玻璃",
    "part-solid": "部分实性",
    "lymph node": "淋巴结",
    "vessels?": "血管",
    "scar": "瘢痕",
    "atelectasis": "肺不张",
    "effusion": "胸腔积液",
    "consolidation": "实变",
    "pneumothorax": "气胸",
    "emphysema": "肺气肿",
    "bulla": "肺大疱",
    "mediastinum": "纵隔",
    "pleura": "胸膜",
    "airways?": "气道",
    "windpipe": "气管",
    "upper zone": "上肺野",
    "middle zone": "中肺野",
    "lower zone": "下肺野",
    # the scan
    "study|studies": "检查",
    "series": "序列",
    "slice thickness": "层厚",
    "kernel": "重建核",
    "contrast agent|contrast in": "对比剂",
    "gantry tilt": "机架倾斜",
    "tube voltage": "管电压",
    "scout": "定位像",
    "field of view": "视野",
    "frame of reference": "参考坐标系",
    "voxels?": "体素",
    "percentile": "百分位数",
    "grey window": "窗宽窗位",
    "lung window": "肺窗",
    "slab": "厚层",
    "axial": "轴位",
    "coronal": "冠状位",
    "sagittal": "矢状位",
    "oblique": "斜位",
    "inverted|invert": "反相",
    "crosshair": "十字线",
    "key images?": "关键图像",
    "long axis|long ×|long by": "长径",
    "mean diameter": "平均直径",
    # reading with an assistant
    "findings?(?! nodules| the body)": "发现|影像所见",
    "candidates?": "候选",
    "masks?|segmentations?": "分割",
    "contours?": "轮廓",
    "held back": "暂不显示",
    "own pass": "独立阅片",
    "second reader": "第二阅片者",
    "concurrent reader": "并行阅片",
    "accepts?|accepted": "接受",
    "rejects?|rejected": "排除",
    "undecided": "未判",
    "edits?|edited|editing": "编辑",
    "gate": "准入",
    "(?<!contrast )(?<!resources/)agent": "智能体",
    "networks?": "神经网络",
    "detector": "检测",
    "exports?|exported": "导出",
    "passport": "导出凭证|凭证",
    "readers?": "阅片",
    "aligned|aligning|alignment": "配准",
    "linked|unlinks?": "联动",
    "de-identif\\w+|without names": "去标识",
}
"""An English term and what a Chinese text that speaks of it must hold; | stands between equals."""

UNUSUAL: dict[str, str] = {
    "掩膜|掩模": "分割",
    "卷积核": "重建核",
    "门控": "准入 (门控 is that of the heart)",
    "灵敏度": "敏感度",
    "造影剂": "对比剂",
    "毛玻璃": "磨玻璃",
    "疤痕": "瘢痕",
    "肺膨胀不全": "肺不张",
    "搜索|搜寻": "查找",
    "点击": "单击",
    "Enter": "回车键, as the caps have it in Chinese",
    "不是 HU|HU 不|某点 HU": "CT 值",
    "角标": "四角信息",
    "窗位窗宽": "窗宽窗位",
    "层块": "厚层",
    "百分位(?!数)": "百分位数",
    "平均径": "平均直径",
    "(?<!神经)网络": "神经网络",
    "(?<!部分)容积(?!数据)": "容积数据",
    "轴向|横断": "轴位",
}
"""Words that this catalogue does not use, and what it says in their place."""

HAN = "[\u4e00-\u9fff]"
HALF_WIDTH = re.compile(rf"{HAN}[,;:?!()]|[,;:?!(]{HAN}|{HAN}\.(?!\w)|\){HAN}")
NO_GAP = re.compile(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}")
GAP_AT_WIDE = re.compile("[，。：；（）、！？] | [，。：；（）、！？]")
GAP_AT_PERCENT = re.compile("[0-9}] %")


def entries() -> Iterator[tuple[str, str]]:
    told = language(CHINESE)
    yield from told.texts.items()
    yield from told.sentences.items()
    for words in told.by_context.values():
        yield from words.items()


@pytest.mark.parametrize(("english", "term"), GLOSSARY.items())
def test_one_english_term_has_one_chinese_term(english: str, term: str) -> None:
    asked, held = re.compile(rf"(?<![\w{{-])(?:{english})(?![\w}}-])", re.I), re.compile(term)
    spoken = [(k, v) for k, v in entries() if asked.search(k) and re.search(HAN, v)]
    assert spoken, "the catalogue no longer speaks of it"
    assert [(k, v) for k, v in spoken if not held.search(v)] == []


@pytest.mark.parametrize(("word", "instead"), UNUSUAL.items())
def test_no_text_has_a_word_that_the_catalogue_does_not_use(word: str, instead: str) -> None:
    assert [v for _, v in entries() if re.search(word, v)] == [], f"say {instead}"


@pytest.mark.parametrize("fault", [HALF_WIDTH, NO_GAP, GAP_AT_WIDE, GAP_AT_PERCENT])
def test_signs_and_gaps_are_chinese_ones(fault: re.Pattern[str]) -> None:
    assert [v for _, v in entries() if fault.search(v)] == []
