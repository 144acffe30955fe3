"""Draws a captured terminal screen from stdin as an SVG. See `make`."""

import io
import re
import sys

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, MONOKAI
from rich.text import Text

columns, theme, title = int(sys.argv[1]), sys.argv[2], sys.argv[3]
lines = sys.stdin.read().rstrip("\n")
console = Console(record=True, width=columns, file=io.StringIO(), color_system="truecolor", force_terminal=True)
# Pictures show no links.
console.print(Text.from_ansi(re.sub(r"\x1b\]8;[^\x1b]*\x1b\\", "", lines)))
colours = MONOKAI if theme == "dark" else DEFAULT_TERMINAL_THEME
svg = console.export_svg(title=title, theme=colours, unique_id="terminal")
# Use installed fonts instead of downloading one.
print(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S))
