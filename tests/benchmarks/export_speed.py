"""How long the Obsidian export of all lessons takes, against nbconvert's own Markdown export.

Run `python tests/benchmarks/export_speed.py`, or name notebooks to export instead of
the lessons. Both exporters take turns in one process; the ratio of each round is what
counts, since a busy computer slows both. At most 2 is aimed at.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from nbconvert.exporters import Exporter, MarkdownExporter

from bookrec_helpers.obsidian.exporter import ObsidianExporter

LESSONS = Path(__file__).parents[2] / "notebooks"
ROUNDS = 15


def seconds(exporter: type[Exporter], notebooks: list[Path]) -> float:
    """The time to make one exporter and to export all notebooks with it."""
    start = time.perf_counter()
    made = exporter()
    for notebook in notebooks:
        made.from_filename(str(notebook), resources={"unique_key": notebook.stem})
    return time.perf_counter() - start


def main() -> None:
    notebooks = [Path(name) for name in sys.argv[1:]] or sorted(LESSONS.glob("*.ipynb"))
    if not notebooks:
        sys.exit(f"There is no notebook in {LESSONS}; name some as arguments.")
    for exporter in (MarkdownExporter, ObsidianExporter):
        seconds(exporter, notebooks)  # the first round pays for imports
    ratios = []
    for _ in range(ROUNDS):
        markdown = seconds(MarkdownExporter, notebooks)
        ratios.append(seconds(ObsidianExporter, notebooks) / markdown)
    low, median, high = statistics.quantiles(ratios, n=4)
    print(
        f"{len(notebooks)} notebooks, {ROUNDS} rounds: the Obsidian export takes "
        f"{median:.2f} times as long as the Markdown export (quartiles {low:.2f} to {high:.2f})"
    )


if __name__ == "__main__":
    main()
