"""How a reader's name will be written where it goes out: which word is taken for the family's."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from viewer.dicom.written.person_name import person_name
from viewer.reading.signature import NOBODY


def tr(text: str) -> str:
    return QCoreApplication.translate("NameHint", text)


def name_hint(typed: str) -> str:
    """One or two sentences on what was typed as a name; nothing where it is none."""
    name = typed.strip()
    alphabetic, _, ideographic = person_name(name).partition("=")
    if name == NOBODY or not (alphabetic or ideographic):
        return ""
    family, given, middle = [*(ideographic or alphabetic).split("^"), "", ""][:3]
    given = " ".join(part for part in (given, middle) if part)
    if not given:
        return tr("Exported as: family name {0}.").format(family)
    told = tr("Exported as: family name {0}, given name {1}.").format(family, given)
    if ideographic or "," in name or "^" in name:
        return told
    first, *rest = given.split()
    turned = f"{first}, {' '.join((*rest, family))}"
    return f"{told} {tr('Family name first? Type: {0}').format(turned)}"
