"""`backroom experiments`: what runs, how one stands, and the statistics for a file of numbers."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from app import clock
from app.console import group, leaf, show
from app.db import begin
from app.errors import Refused
from app.experiments import answers, evaluating, queries, words

SHOWN = ("variant", "shoppers", "effect", "ci", "p_adjusted", "error")


def experiments_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        found = queries.all_results(session, clock.now(), chosen.flag)
        rows = [
            {
                "id": one.experiment.id,
                "name": one.experiment.name,
                "flag": one.experiment.flag,
                "state": one.experiment.state,
                "headline": words.headline(one)[1],
            }
            for one in found
        ]
    show(rows, chosen.json)
    return 0


def experiments_show(chosen: argparse.Namespace) -> int:
    with begin() as session:
        found = answers.with_results(queries.results(session, queries.get(session, chosen.id), clock.now()))
    _print(found, chosen.json)
    return 0


def experiments_evaluate(chosen: argparse.Namespace) -> int:
    text = sys.stdin.read() if chosen.file == "-" else _read(chosen.file)
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refused(f"{chosen.file} is not JSON: {error}") from None
    _print({"results": evaluating.evaluate(body)}, chosen.json)
    return 0


def _read(name: str) -> str:
    try:
        return Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{name} cannot be read: {error}") from None


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, indent=2, default=str))
        return
    results = found["results"]
    print(found.get("headline") or results["verdict"]["sentence"])
    for metric in results["metrics"] if results else ():
        rows = [
            {
                "metric": metric["metric"],
                "role": metric["role"],
                **{name: row[name] for name in SHOWN},
                "chance": row["bayesian"]["chance_to_beat_control"],
            }
            for row in metric["comparisons"]
        ]
        show(rows, False)


def add_commands(groups: Any) -> None:
    experiments = group(groups, "experiments", "experiments and their results")
    listed = leaf(experiments, "list", experiments_list, "all experiments and how they stand")
    listed.add_argument("--flag", help="only those of this flag")
    one = leaf(experiments, "show", experiments_show, "one experiment with its results")
    one.add_argument("id", type=int)
    evaluate = leaf(experiments, "evaluate", experiments_evaluate, "the statistics for a file of moments")
    evaluate.add_argument(
        "file", metavar="FILE", help="as POST /api/v1/experiments/evaluate takes it; -: stdin"
    )
    for command in (listed, one, evaluate):
        command.add_argument("--json", action="store_true")
