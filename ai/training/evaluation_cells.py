"""A line of an evaluation's table: a dataclass whose fields are its columns."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields


@dataclass(frozen=True)
class Line:
    """Fields are columns; a subclass names them."""

    @classmethod
    def header(cls) -> tuple[str, ...]:
        return tuple(f.name for f in fields(cls))

    def cells(self) -> tuple[str, ...]:
        """Every field as text; empty where a figure is undefined."""
        return tuple(
            f"{v:.4f}" if isinstance(v, float) else "" if v is None else str(v)
            for v in astuple(self)
        )
