"""The launcher entry of a desktop: Hilum among the other programs, with its icon."""

from __future__ import annotations

import os
from pathlib import Path

ENTRY = """[Desktop Entry]
Type=Application
Name=Hilum
GenericName=Chest CT viewer
Comment=Look at chest CT, segment lungs, find nodules (for research, not for diagnosis)
Exec={program} %F
Icon={icon}
Terminal=false
Categories=Science;MedicalSoftware;Graphics;Viewer;
MimeType=application/dicom;
StartupWMClass=hilum
"""


def quoted(program: Path) -> str:
    """A path as the Exec line wants it: in double quotes, with its own signs escaped."""
    text = str(program)
    for sign in ("\\", '"', "`", "$"):
        text = text.replace(sign, "\\" + sign)
    # the file format itself reads backslashes once more, and % as the start of a field code
    return '"' + text.replace("\\", "\\\\").replace("%", "%%") + '"'


def write_launcher(program: Path, icon: Path) -> Path | None:
    """The entry written, or None when it was there already or the home folder cannot be written."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    entry = data / "applications" / "hilum.desktop"
    text = ENTRY.format(program=quoted(program), icon=icon if icon.exists() else "hilum")
    try:
        if entry.exists() and entry.read_text(encoding="utf-8") == text:
            return None
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text(text, encoding="utf-8")
        if icon.exists():
            shown = data / "icons" / "hicolor" / "scalable" / "apps" / "hilum.svg"
            shown.parent.mkdir(parents=True, exist_ok=True)
            shown.write_bytes(icon.read_bytes())
    except OSError:  # a launcher is a comfort, never a reason to fail
        return None
    return entry
