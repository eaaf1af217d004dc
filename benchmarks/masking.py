"""What masking adds to a log line: `python -m benchmarks.masking`. Ratios, so that machines compare.

Beside the whole of writing a line (its record, its values, the format) stands the same without the mask, and
the cost of a line that holds a secret beside one that holds none, as nearly all do.
"""

from __future__ import annotations

import logging
import timeit
from collections.abc import Callable
from unittest import mock

from app import logs
from app.masking import mask_log

ROUNDS = 3_000
BEST_OF = 5
USUAL = {
    "route": "/flags/<name>",
    "method": "GET",
    "status": 200,
    "duration_ms": 12.3,
    "request_id": "8d7f6a" * 5,
}
WITH_SECRET = {**USUAL, "url": "https://shop.example/x?token=abcdefgh&card=4242424242424242"}


def record(values: dict[str, object]) -> logging.LogRecord:
    made = logging.LogRecord("access", logging.INFO, __file__, 1, "answered %s", ("it",), None)
    vars(made).update(values)
    return made


def seconds(work: Callable[[], object]) -> float:
    return min(timeit.repeat(work, number=ROUNDS, repeat=BEST_OF)) / ROUNDS


def main() -> None:
    line = logs.Line("logfmt", "control", "1.4.2")
    usual, secret = record(USUAL), record(WITH_SECRET)
    masked = seconds(lambda: line.format(usual))
    with mock.patch.object(logs, "mask_log", lambda text: text):
        bare = seconds(lambda: line.format(usual))
    with_secret = seconds(lambda: line.format(secret))
    long = "a word and 12 numbers 345 in a text of a page " * 340
    print(f"a line with its mask / without            {masked / bare:6.2f}")
    print(f"a line with a secret / without            {with_secret / masked:6.2f}")
    print(f"a text of {len(long):,} characters / a line    {seconds(lambda: mask_log(long)) / masked:6.1f}")


if __name__ == "__main__":
    main()
