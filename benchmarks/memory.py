"""What the whole system takes at rest: proportional set size, in which shared pages count once."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

TARGET_MIB = 1024
PROC = Path("/proc")


def parents() -> dict[int, int]:
    """Process → its parent, of all that there are."""
    found = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            facts = (folder / "stat").read_text()
        except OSError:
            continue  # it has just ended
        found[int(folder.name)] = int(facts.rpartition(")")[2].split()[1])
    return found


def family(root: int) -> dict[int, int]:
    """Everything below a process → the child of `root` that it belongs to."""
    above = parents()
    found: dict[int, int] = {root: root}
    for process in above:
        line = [process]
        while line[-1] in above and line[-1] != root:
            line.append(above[line[-1]])
        if line[-1] == root and len(line) > 1:
            found[process] = line[-2]
    return found


def name_of(process: int) -> str:
    words = (PROC / str(process) / "cmdline").read_text().rstrip("\0").split("\0")
    known = (
        "wsgi:control_plane()",
        "wsgi:storefront()",
        "storefront.worker",
        "app.scheduler",
        "storefront.payments.sandbox",
        "local",
    )
    return next((word for word in known if word in words), Path(words[0].partition(" ")[0]).name)


def pss_mib(process: int) -> float:
    for line in (PROC / str(process) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(root: int) -> dict[str, float]:
    """MiB by program."""
    found: dict[str, float] = defaultdict(float)
    for process, program in family(root).items():
        try:
            found[name_of(program)] += pss_mib(process)
        except OSError:
            continue  # it has just ended
    return dict(found)


def report(found: dict[str, float]) -> list[str]:
    rows = [f"{name:<28}{mib:>8.0f}" for name, mib in sorted(found.items(), key=lambda item: -item[1])]
    total = sum(found.values())
    verdict = "within" if total < TARGET_MIB else "over it"
    return [
        f"{'program':<28}{'MiB':>8}",
        *rows,
        f"{'all':<28}{total:>8.0f}  target: under {TARGET_MIB}; {verdict}",
    ]


def main(root: int) -> None:
    print("Memory at rest")
    print("\n".join(report(measure(root))))
