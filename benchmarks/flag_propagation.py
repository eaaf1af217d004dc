"""How long a change of a flag takes from the page to SDKs that stream, through all workers.

benchmarks/flags.py calls this; alone, against whatever runs:

    python -m benchmarks.flag_propagation CONTROL-URL E-MAIL PASSWORD CLIENT-TOKEN FLAG
"""

from __future__ import annotations

import json
import statistics
import subprocess  # nosec B404 # never through a shell
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from benchmarks.overview_page import signed_in

CHANGES = 200
FOLLOWERS = 4
MEDIAN_MS, LONGEST_MS = 50, 500  # targets
PROGRAM = Path(__file__).with_name("flag_follower.py")


class Follower:
    """An SDK in a process of its own, and when it learned of each percentage."""

    def __init__(self, url: str, token: str, flag: str) -> None:
        self._flag = flag
        self._seen: dict[str, int] = {}
        self._changed = threading.Condition()
        command = [sys.executable, str(PROGRAM), url, token, "streaming"]
        self._process = subprocess.Popen(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            told = json.loads(line)
            with self._changed:
                self._seen[told["flags"].get(self._flag, "")] = told["at"]
                self._changed.notify_all()

    def when(self, share: str, after: int) -> int:
        """Nanoseconds since 1970 at which it had this percentage."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._seen.get(share, 0) > after, 20):
                raise SystemExit(f"An SDK never heard of {share} %.")
            return self._seen[share]

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(20)


@contextmanager
def following(url: str, token: str, flag: str) -> Iterator[list[Follower]]:
    with ExitStack() as stack:
        found = []
        for _ in range(FOLLOWERS):
            found.append(Follower(url, token, flag))
            stack.callback(found[-1].close)
        yield found


def measure(client: httpx.Client, token: str, flag: str) -> list[float]:
    """Milliseconds from sending the form to each SDK that has the change.

    `client` is somebody who is signed in, `token` that of the SDKs.
    """
    page = client.get(f"/flags/{flag}").text
    csrf = page.split('name="csrf_token" value="')[1].split('"')[0]
    taken = []
    with following(str(client.base_url).rstrip("/"), token, flag) as followers:
        _move(client, flag, csrf, 1)
        for follower in followers:
            follower.when("1", 0)
        for number in range(CHANGES):
            share = 2 + number % 98
            began = time.time_ns()
            _move(client, flag, csrf, share)
            taken += [(follower.when(str(share), began) - began) / 1e6 for follower in followers]
    return taken


def _move(client: httpx.Client, flag: str, csrf: str, share: int) -> None:
    answer = client.post(f"/flags/{flag}/percent", data={"percent": share, "csrf_token": csrf})
    if answer.status_code != 303:
        raise SystemExit(f"The page did not take {share} %: {answer.status_code}")


def report(taken: Sequence[float]) -> str:
    median, longest = statistics.median(taken), max(taken)
    verdict = "reached" if median < MEDIAN_MS and longest < LONGEST_MS else "missed"
    return (
        f"{CHANGES} changes from the page to {FOLLOWERS} SDKs that stream: median "
        f"{median:.1f} ms, longest {longest:.0f} ms; target {MEDIAN_MS} and {LONGEST_MS}: {verdict}"
    )


def main(url: str, email: str, password: str, token: str, flag: str) -> None:
    with signed_in(url, email, password) as client:
        print(report(measure(client, token, flag)))


if __name__ == "__main__":
    main(*sys.argv[1:6])
