"""All benchmarks of speed; writes `docs/benchmarks.md`.

    python -m bench [DIR]            write the page, and record its ratios
    python -m bench --quick [DIR]    print which recorded ratios fell, in three minutes

DIR is the folder with the real files; without it the embedded sample is used. The full run takes
forty minutes on a machine that does nothing else.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import grid, growth, layers, serving, starting, training
from bench.machine import machine
from bench.section import Section
from bench.trained import trained

PAGE = Path("docs/benchmarks.md")
RECORDED = Path("bench/recorded.json")

MIN_SHARE = 2 / 3
"""Smallest accepted share of a recorded ratio; the same machine varies less from day to day."""


def main(arguments: Sequence[str]) -> int:
    """Run all benchmarks or the quick ones, and return the exit code."""
    data = next((one for one in arguments if one != "--quick"), None)
    if "--quick" in arguments:
        with trained(data) as run:
            found = serving.beside_peers(run, rounds=1, peers=(serving.FASTAPI, serving.FLASK))
            quick = serving.ratios(found) | starting.started(run, rounds=1).ratios
        return _compare(quick, json.loads(RECORDED.read_text()))
    sections = [training.measured(data, rounds=3), grid.measured(data, rounds=3)]
    with trained(data) as run:
        found = serving.beside_peers(run, rounds=3)
        served = found.by_connections[serving.OURS, 1]
        sections += [
            serving.section(run, found),
            layers.section(layers.layers_ms(run), served=served),
            starting.section(run, starting.started(run, rounds=7)),
        ]
    sections += [growth.measured(data, rounds=3)]
    PAGE.write_text(_page(sections))
    ratios = {name: round(ratio, 3) for one in sections for name, ratio in one.ratios.items()}
    RECORDED.write_text(json.dumps(ratios, indent=2) + "\n")
    print(f"{PAGE} and {RECORDED} are written")
    return 0


def _page(sections: Sequence[Section]) -> str:
    parts = "\n".join(f"## {one.title}\n\n{one.text}" for one in sections)
    return f"""# Benchmarks

`python -m bench`, run from the repository's root, measured this and wrote this page. Other
machines give other figures. The ratios differ less, because all peers were measured in the same
run.

{machine()}

{parts}"""


def _compare(found: Mapping[str, float], recorded: Mapping[str, float]) -> int:
    fallen = [name for name, ratio in found.items() if ratio < MIN_SHARE * recorded[name]]
    for name, ratio in found.items():
        mark = "✗" if name in fallen else "✓"
        print(f"  {mark} {name}: {ratio:.2f}, recorded {recorded[name]:.2f}")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
