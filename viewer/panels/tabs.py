"""The right panel: Findings, Segments, Agent; each tab with its count. It folds to a strip."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QStackedLayout, QStackedWidget, QWidget

from viewer import theme
from viewer.panels.buttons import Tool
from viewer.panels.page import Page
from viewer.panels.parts import column, ground, line, paint_icon, row


class Tab(QAbstractButton):
    """A tab's name, or an icon that stands for it, and its count; the chosen one has a line."""

    counted = Signal()

    def __init__(self, text: str, icon: str = "") -> None:
        super().__init__()
        self.setText(text)
        self._icon = icon
        if icon:
            self.setToolTip(text)
            self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedHeight(theme.size("tabbar"))
        self.count = ""

    def set_count(self, count: int | None) -> None:
        self.count = "" if count is None else str(count)
        self.updateGeometry()
        self.update()
        self.counted.emit()

    def sizeHint(self) -> QSize:
        wide = QFontMetricsF(theme.font("bodyStrong")).horizontalAdvance(self.text())
        if self._icon:
            wide = theme.number("iconTool")
        if self.count:
            caption = QFontMetricsF(theme.font("caption"))
            wide += theme.number("space.s") + caption.horizontalAdvance(self.count)
        return QSize(max(round(wide + 1), theme.size("targetMin")), theme.size("tabbar"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        strong = self.isChecked() or self.underMouse()
        painter.setFont(theme.font("bodyStrong"))
        painter.setPen(theme.color("text.primary" if strong else "text.secondary"))
        rect, middle = QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter
        if self._icon:
            side = theme.number("iconTool")
            ink = "text.primary" if strong else "text.secondary"
            box = QRectF(0, (self.height() - side) / 2, side, side)
            paint_icon(painter, self._icon, box, ink)
        else:
            painter.drawText(rect, middle, self.text())
        if self.count:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("text.tertiary"))
            painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, self.count)
        if self.isChecked():
            thick = theme.number("size.focusRing")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.fillRect(
                QRectF(QPointF(0, self.height() - thick), rect.size()), theme.color("accent.base")
            )
        painter.end()


class SidePanel(QWidget):
    """The tabs over their pages."""

    changed = Signal(int)
    page_coming = Signal()  # before it is drawn

    def __init__(self, *pages: tuple[str, QWidget]) -> None:
        super().__init__()
        ground(self, "panel")
        self.tabs = [Tab(name) for name, _ in pages]
        self._pages = QStackedWidget()
        inset = theme.size("space.l")
        self._head = head = row(*self.tabs, None, inset=(inset, 0, inset, 0))
        for n, (tab, (_, page)) in enumerate(zip(self.tabs, pages, strict=True)):
            self._pages.addWidget(page)
            tab.clicked.connect(lambda _=False, n=n: self.open(n))
            tab.counted.connect(self._space_out)
        whole = column(head, line())
        whole.addWidget(self._pages, 1)
        unfolded = QWidget()
        unfolded.setLayout(row(line(upright=True), whole))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(unfolded)
        self.fold_button: Tool | None = None
        self.current = 0
        self.open(0)

    def add_tab(self, name: str, icon: str, page: QWidget) -> Tab:
        """One more tab, at the right: words for it have no room in a narrow panel."""
        tab, n = Tab(name, icon), len(self.tabs)
        self.tabs.append(tab)
        self._pages.insertWidget(n, page)
        self._head.insertWidget(n, tab)
        tab.clicked.connect(lambda: self.open(n))
        tab.counted.connect(self._space_out)
        self._space_out()
        return tab

    def _space_out(self) -> None:
        """Tabs stand as far apart as the design has it, or closer where the panel is narrow."""
        spare = self.width() - 2 * theme.size("space.l") - theme.size("hairline")
        spare -= sum(tab.sizeHint().width() for tab in self.tabs)
        if self.fold_button is not None and not self.fold_button.isHidden():
            spare -= self.fold_button.sizeHint().width()
        closest, widest = theme.size("space.xs"), theme.size("space.xl")
        self._head.setSpacing(max(closest, min(widest, spare // len(self.tabs))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._space_out()

    def set_strip(self, strip: QWidget, action: QAction, key: str) -> None:
        """What stands for the panel while it is folded, and what folds it."""
        self._stack.addWidget(strip)
        self.fold_button = Tool("unfold", action.text(), key=key)
        self.fold_button.clicked.connect(action.trigger)
        self.fold_button.hide()
        self._head.addWidget(self.fold_button)

    @property
    def folded(self) -> bool:
        return self._stack.currentIndex() == 1

    def fold(self, folded: bool, *, by_button: bool) -> None:
        """by_button: whether a button folds it too; else its key alone."""
        self._stack.setCurrentIndex(1 if folded else 0)
        if self.fold_button is not None and self.fold_button.isHidden() == by_button:
            self.fold_button.setVisible(by_button)
            self._space_out()

    @property
    def page(self) -> Page | None:
        """The page that lies over the current tab, if any."""
        shown = self._pages.currentWidget()
        return shown if isinstance(shown, Page) else None

    def add_page(self, page: Page) -> None:
        """A page that show_page may lay over the tabs."""
        self._pages.addWidget(page)
        page.left.connect(self.close_page)

    def show_page(self, page: Page) -> None:
        self._pages.setCurrentWidget(page)
        self.page_coming.emit()
        page.shown()

    def close_page(self) -> None:
        """The tab that lay below it again."""
        self.open(self.current)

    def open(self, n: int) -> None:
        n %= len(self.tabs)
        for tab, button in enumerate(self.tabs):
            button.setChecked(tab == n)
        self.current = n
        self._pages.setCurrentIndex(n)
        self.changed.emit(n)
