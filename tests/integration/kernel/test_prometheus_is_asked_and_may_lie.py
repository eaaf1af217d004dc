from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.alertmanager import Alertmanager
from app.errors import Refused, Unavailable
from app.prometheus import Prometheus


@pytest.fixture
def rubbish():
    """A server that answers every request with what a test puts into it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = self.server.answer
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *args):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def url(server):
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_numbers_come_with_their_labels_and_time(prometheus, now):
    at = int(now.timestamp()) - 3600
    prometheus.load("\n".join(f'beats_total{{room="a"}} {i * 10} {at + i * 60}' for i in range(30)))
    client = Prometheus(prometheus.url)
    (sample,) = client.query("beats_total", at=now.__class__.fromtimestamp(at + 600, now.tzinfo))
    assert sample.labels["room"] == "a"
    assert sample.value == 100
    start = now.__class__.fromtimestamp(at, now.tzinfo)
    (series,) = client.query_range("beats_total", start, start.replace(second=0), 60)
    assert series.points[0][1] == 0


def test_nan_is_nothing_and_nothing_is_an_empty_list(prometheus):
    client = Prometheus(prometheus.url)
    assert client.query("vector(0) / vector(0)") == []
    assert client.query("no_such_metric") == []


def test_promql_that_does_not_parse_is_refused_with_its_reason(prometheus):
    with pytest.raises(Refused, match="parse error"):
        Prometheus(prometheus.url).query("sum(")


def test_rules_targets_and_reload_are_answered(prometheus):
    client = Prometheus(prometheus.url)
    assert client.rules() == []
    assert isinstance(client.targets(), list)
    assert client.ready()
    client.reload()


def test_a_broken_rule_file_keeps_the_old_rules_and_says_so(prometheus):
    (prometheus.rules_dir / "broken.yml").write_text("groups: [")
    with pytest.raises(Refused, match="kept its old rules"):
        Prometheus(prometheus.url).reload()


def test_nobody_there_is_unavailable_by_name():
    with pytest.raises(Unavailable) as away:
        Prometheus("http://127.0.0.1:9").query("up")
    assert away.value.dependency == "Prometheus"
    with pytest.raises(Unavailable) as away:
        Alertmanager("http://127.0.0.1:9").alerts()
    assert away.value.dependency == "Alertmanager"


@pytest.mark.parametrize("answer", [(200, b"<html>"), (502, b"bad gateway"), (200, b'{"status":"error"}')])
def test_rubbish_is_unavailable_never_a_number(rubbish, answer):
    rubbish.answer = answer
    with pytest.raises(Unavailable):
        Prometheus(url(rubbish)).query("up")


def test_alertmanager_answers_its_alerts_and_silences(alertmanager):
    client = Alertmanager(alertmanager.url)
    assert client.ready()
    assert client.alerts() == []
    assert client.silences() == []


def test_alertmanager_in_trouble_is_unavailable_and_a_wrong_call_refused(rubbish):
    client = Alertmanager(url(rubbish))
    rubbish.answer = (500, b"oops")
    with pytest.raises(Unavailable):
        client.alerts()
    rubbish.answer = (400, b"bad matcher")
    with pytest.raises(Refused, match="bad matcher"):
        client.alerts()
