"""Whatever is sent in place of a text, a file or a search is refused with its field, and nothing changes."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import func, select

from app import cli
from app.audit.models import AuditEntry
from app.locales.models import Message, Translation

API = "/api/v1/locales/de"
HEAD = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
NUL, HALF, LONG, TURNED = "a\x00b", "a\ud800b", "x" * 100_000, "a\u202eb"
SURROGATE_CHARSET = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=raw_unicode_escape\\n"\n\n'

FILES = {
    "a NUL for a source": ("json", json.dumps({NUL: "x"})),
    "a NUL for a text": ("json", json.dumps({"Cart": NUL})),
    "half a character for a source": ("json", json.dumps({HALF: "x"})),
    "half a character twice": ("json", '{"\\ud800": "x", "\\ud800": "y"}'),
    "half a character for a context": ("json-nested", json.dumps({HALF: {"Cart": "x"}})),
    "half a character in a form": ("json", json.dumps({"%(num)d plate": ["x", HALF]})),
    "a NUL in a table": ("csv", f"source,text\nCart,{NUL}\n"),
    "a NUL written as an escape": ("po", HEAD + 'msgid "a\\0b"\nmsgstr "x"\n'),
    "a NUL in a comment": ("po", HEAD + '#. a\x00b\nmsgid "New"\nmsgstr "x"\n'),
    "half a character by its charset": ("po", SURROGATE_CHARSET + '#. \\ud800\nmsgid "New"\nmsgstr "x"\n'),
    "a plural rule that divides by nothing": (
        "po",
        HEAD.replace("n != 1", "n/0") + 'msgid "a"\nmsgstr "b"\n',
    ),
    "half a file": ("po", HEAD + 'msgid "Cart"\nmsgstr "Ko'),
    "an archive": ("po", "PK\x03\x04rest"),
    "no format": ("exe", "x"),
}


@pytest.fixture
def client(signed_in, loaded):
    return signed_in("translator")


@pytest.fixture
def count(loaded):
    """What a write would add to."""

    def counted() -> tuple[int, ...]:
        loaded.rollback()
        wanted = (
            select(func.count()).select_from(Message),
            select(func.sum(Translation.revision)),
            select(func.count()).select_from(AuditEntry).where(AuditEntry.action.like("locales.%")),
        )
        return tuple(loaded.scalar(each) or 0 for each in wanted)

    return counted


@pytest.mark.parametrize(("name", "said"), FILES.values(), ids=FILES)
def test_a_file_of_rubbish_changes_nothing_wherever_it_is_sent(
    client, count, control_app, tmp_path, name, said
) -> None:
    before, data = count(), said.encode()
    answer = client.post(f"{API}/import?add_messages=1&format={name}", data=data)
    assert answer.status_code == (422 if name == "exe" else 409)
    assert answer.json["errors"][0]["field"] == ("format" if name == "exe" else "file")
    for press in ("look", "take"):
        form = {"file": (io.BytesIO(data), "sent"), "format": name, "add_messages": "1", "do": press}
        assert client.post("/locales/de/files", data=form).status_code == 422
    if name != "exe":
        (tmp_path / "sent").write_bytes(data)
        asked = ["locales", "import", "de", str(tmp_path / "sent"), "--format", name, "--add-messages"]
        assert cli.run(control_app, asked) == 1
    assert count() == before


SENT = {
    "a NUL saved": ("PUT", "strings/{cart}", {"forms": [NUL], "state": "draft"}, "forms.0"),
    "half a character saved": ("PUT", "strings/{cart}", {"forms": [HALF], "state": "draft"}, "forms.0"),
    "a book saved": ("PUT", "strings/{cart}", {"forms": [LONG], "state": "draft"}, "forms.0"),
    "a turned line saved": ("PUT", "strings/{cart}", {"forms": [TURNED], "state": "draft"}, "form-0"),
    "too many forms": ("PUT", "strings/{cart}", {"forms": ["x"] * 20, "state": "approved"}, None),
    "a form that is none": ("PUT", "strings/{cart}", {"forms": [3], "state": "approved"}, "forms.0"),
    "an unknown state": ("PUT", "strings/{cart}", {"forms": ["x"], "state": "done"}, "state"),
    "half a character as state": ("POST", "strings/{cart}/state", {"state": HALF}, "state"),
    "a NUL said": ("POST", "strings/{cart}/comments", {"text": NUL}, "text"),
    "half a character said": ("POST", "strings/{cart}/comments", {"text": HALF}, "text"),
    "a book said": ("POST", "strings/{cart}/comments", {"text": LONG}, "text"),
    "a bulk action on half a character": ("POST", "bulk", {"action": "approve", "q": HALF}, "q"),
    "a bulk action on a book": ("POST", "bulk", {"action": "approve", "q": LONG}, "q"),
    "an unknown bulk action": ("POST", "bulk", {"action": HALF, "q": ""}, "action"),
    "a NUL put in place": (
        "POST",
        "bulk",
        {"action": "replace", "q": "", "find": "W", "replacement": NUL},
        "replacement",
    ),
    "a day that is none": ("POST", "changes/revert", {"author": "a", "from": HALF, "to": ""}, None),
}


OF_RULES = ("form-0",)  # what no schema can say: signs that turn a line


@pytest.mark.parametrize(("method", "path", "sent", "field"), SENT.values(), ids=SENT)
def test_rubbish_in_a_request_changes_nothing(client, count, id_of, method, path, sent, field) -> None:
    before = count()
    url = f"{API}/{path.format(cart=id_of('Cart'))}"
    answer = client.open(url, method=method, json={"revision": 1, **sent})
    assert answer.status_code == (409 if field in OF_RULES else 422), answer.text[:300]
    assert field is None or field in [each["field"] for each in answer.json["errors"]]
    assert count() == before


@pytest.mark.parametrize("text", [NUL, LONG, TURNED], ids=["NUL", "long", "turned"])
def test_the_pages_keep_rubbish_out_too(client, count, id_of, text) -> None:
    before = count()
    page = f"/locales/de/strings/{id_of('Cart')}"
    form = {"form-0": text, "state": "draft", "revision": "1", "go": "stay"}
    assert client.post(page, data=form).status_code == 422
    assert client.get("/locales/de/", query_string={"q": f"state:{text}"}).status_code == 422
    assert client.post("/locales/de/bulk", data={"action": text, "scope": "all"}).status_code == 422
    assert count() == before


@pytest.mark.parametrize("path", ["", "/strings", "/export", "/grants"])
def test_a_locale_whose_name_cannot_be_kept_is_not_there(client, path) -> None:
    assert client.get(f"/api/v1/locales/a%00b{path}").status_code == 404
