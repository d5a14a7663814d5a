"""Text on its way into a CSV that a spreadsheet will open.

A spreadsheet takes a cell that begins like a formula for one, and runs it.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: str) -> str:
    """The cell as text that no spreadsheet calculates: an apostrophe stands before a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
