"""Markdown tables, and putting them between their markers in a page: <!-- measured: NAME --> … <!-- /measured -->."""

import pathlib
import re


def number(value, digits=3):
    """So many significant digits, as people read them: 0.0123, 1.23, 12.3, 1,234; what is below a ten-thousandth is 0."""
    if value is None:
        return "-"
    if abs(value) < 1e-4:
        return "0"
    return f"{value:.{digits}g}" if abs(value) < 10 ** (digits - 1) else f"{value:,.0f}"


def table(head, rows):
    """All cells are texts; columns of numbers are the caller's to format."""
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"a row of {len(row)} cells under {len(head)} heads: {row}")
        lines.append("| " + " | ".join(str(cell) for cell in row) + " |")
    return "\n".join(lines) + "\n"


def _pattern(name):
    return re.compile(rf"(<!-- measured: {re.escape(name)} -->\n).*?(<!-- /measured -->)", re.DOTALL)


def replace(text, name, block):
    """`text` with `block` between the markers of `name`; None when it has no such markers."""
    if not _pattern(name).search(text):
        return None
    return _pattern(name).sub(lambda match: match.group(1) + block.rstrip("\n") + "\n" + match.group(2), text)


def write(name, block, pages):
    """Puts `block` into every page that has its markers; the pages that had."""
    written = []
    for page in pages:
        changed = replace(pathlib.Path(page).read_text(), name, block)
        if changed is not None:
            pathlib.Path(page).write_text(changed)
            written.append(page)
    return written
