"""Renew the tables of assumed marginals in docs/reference/sample.md from the data that the generator uses."""

from pathlib import Path

from madang.yard.people.engine.marginals_table import replaced

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "sample.md"


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
