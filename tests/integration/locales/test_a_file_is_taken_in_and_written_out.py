from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import cli
from app.audit.models import AuditEntry
from app.errors import Refused
from app.locales import commands, exchange, files
from app.locales.files import Choices
from app.locales.models import Message, Translation, TranslationVersion

WHO = "translator@house.test"
HEAD = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def po(**texts: str) -> bytes:
    entries = [f'msgid "{msgid.replace("_", " ")}"\nmsgstr "{text}"\n' for msgid, text in texts.items()]
    return (HEAD + "\n".join(entries)).encode()


@pytest.fixture
def take(loaded, now):
    def take_in(data: bytes, name: str = exchange.PO, *, dry_run: bool = False, **choices: bool):
        report = files.take_in(loaded, "de", data, name, Choices(**choices), WHO, now, dry_run=dry_run)
        loaded.commit()
        return report

    return take_in


def outcomes(report) -> dict[str, str]:
    return {line.text.msgid: line.outcome for line in report.lines}


def test_a_dry_run_says_all_and_changes_nothing(take, text_of):
    report = take(po(Cart="Korb", Nowhere="x"), dry_run=True)
    assert outcomes(report) == {"Cart": "changed", "Nowhere": "unknown"}
    assert text_of("Cart").forms == ["Warenkorb"]


def test_what_the_file_changed_waits_for_a_review(take, text_of):
    take(po(Cart="Korb"))
    row = text_of("Cart")
    assert (row.forms, row.state, row.author) == (["Korb"], "review", f"file:{WHO}")
    assert row.approved_forms == ["Warenkorb"]  # shoppers see this until somebody approves


def test_it_can_be_approved_at_once_unless_a_check_blocks_it(take, text_of):
    report = take(po(Cart="Korb", Checkout="<b>Kasse</b>"), approve=True)
    assert text_of("Cart").state == "approved"
    assert text_of("Checkout").state == "review"
    assert report.held_back == 1


def test_the_same_file_again_changes_nothing(take, text_of, loaded):
    take(po(Cart="Korb"))
    report = take(po(Cart="Korb"))
    assert outcomes(report) == {"Cart": "unchanged"}
    assert text_of("Cart").revision == 2
    actions = loaded.scalars(select(AuditEntry.action).where(AuditEntry.action == "locales.import")).all()
    assert len(actions) == 1


def test_what_only_people_here_changed_is_kept(take, text_of, loaded, id_of, now):
    take(po(Cart="Korb"))
    commands.save(loaded, "de", id_of("Cart"), ["Einkaufskorb"], "approved", 2, "ada", now)
    loaded.commit()
    assert outcomes(take(po(Cart="Korb"))) == {"Cart": "kept"}
    assert text_of("Cart").forms == ["Einkaufskorb"]


def test_where_both_changed_it_both_are_shown_and_none_is_lost(take, text_of, loaded, id_of, now):
    take(po(Cart="Korb"))
    commands.save(loaded, "de", id_of("Cart"), ["Einkaufskorb"], "approved", 2, "ada", now)
    loaded.commit()
    report = take(po(Cart="Körbchen"))
    [line] = report.notable
    assert (line.outcome, line.known.forms, line.text.forms) == ("conflict", ("Einkaufskorb",), ("Körbchen",))
    assert text_of("Cart").forms == ["Einkaufskorb"]
    take(po(Cart="Körbchen2"), take_theirs=True)
    assert text_of("Cart").forms == ["Körbchen2"]
    old = loaded.scalars(select(TranslationVersion.forms).where(TranslationVersion.author == "ada")).all()
    assert old == [["Einkaufskorb"]]


def test_a_doubt_of_the_file_is_a_draft(take, text_of):
    take((HEAD + '#, fuzzy\nmsgid "Cart"\nmsgstr "Korb"\n').encode(), approve=True)
    assert text_of("Cart").state == "draft"
    assert text_of("Cart").approved_forms == ["Warenkorb"]


def test_messages_of_a_file_can_be_added_and_stay_when_the_shop_is_read_again(take, loaded, root, now):
    take(po(Fresh="Frisch"), add_messages=True)
    commands.load_shipped(loaded, root, now)
    loaded.commit()
    assert loaded.scalars(select(Message.obsolete_at).where(Message.msgid == "Fresh")).one() is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04rest", "archive"),
        (po(Cart="Korb")[:-8], "no text behind it"),
        (po(Cart="Korb")[:-3], "does not end"),
        (po(Cart="Korb").replace(b"Language: de", b"Language: pl"), "says that it is pl"),
        (po(Cart="Korb").replace(b"(n != 1)", b"n/0"), "plural rule"),
        (po(Cart="Korb") + po(Cart="Korb")[len(HEAD) :], "twice"),
        (b"x" * (exchange.MOST_BYTES + 1), "larger than"),
    ],
    ids=["zip", "cut", "half", "language", "plural", "twice", "large"],
)
def test_a_file_that_cannot_be_trusted_changes_nothing(take, text_of, data, why):
    with pytest.raises(Refused) as refused:
        take(data)
    assert why in str(refused.value.fields["file"])
    assert text_of("Cart").revision == 1


def test_texts_that_cannot_be_stored_are_left_out_and_named(take, text_of):
    report = take(po(Cart="a\u202eb", Checkout="x" * 10_001))
    assert outcomes(report) == {"Cart": "refused", "Checkout": "refused"}
    assert text_of("Cart").forms == ["Warenkorb"]


def test_an_export_patches_the_file_that_came_in(take, loaded, id_of, now):
    data = po(Cart="Korb", Checkout="Kasse").replace(b'msgid "Cart"', b'# mine\nmsgid   "Cart"')
    data += b'\nmsgid "only theirs"\nmsgstr "nur dort"\n'
    take(data)
    assert files.written_out(loaded, "de", exchange.PO) == data
    commands.save(loaded, "de", id_of("Cart"), ["Wagen"], "approved", 2, "ada", now)
    loaded.commit()
    assert files.written_out(loaded, "de", exchange.PO) == data.replace(b'"Korb"', b'"Wagen"')


def test_a_file_of_some_messages_is_written_out_with_those_alone_or_with_all(take, loaded, id_of, now):
    data = po(Cart="Korb")
    take(data)
    assert files.written_out(loaded, "de", exchange.PO) == data
    out = files.written_out(loaded, "de", exchange.PO, complete=True)
    assert out.startswith(data)
    assert b'msgid "Checkout"' in out
    commands.save(loaded, "de", id_of("Checkout"), ["Kasse"], "draft", 1, "ada", now + timedelta(hours=1))
    loaded.commit()
    later = files.written_out(loaded, "de", exchange.PO)
    assert later.startswith(data)  # what somebody wrote since then is not lost
    assert b'msgid "Checkout"' in later


@pytest.mark.parametrize("name", [exchange.CSV, exchange.JSON, exchange.NESTED, exchange.PO])
def test_every_format_comes_back_unchanged(take, loaded, name):
    data = files.written_out(loaded, "de", name)
    assert set(outcomes(take(data, name)).values()) <= {"unchanged", "empty"}


def test_a_cell_is_no_formula_and_comes_back_as_it_was(take, loaded, text_of):
    take(po(Cart="=SUM(A1)", Checkout="'=x"))
    data = files.written_out(loaded, "de", exchange.CSV)
    assert b",'=SUM(A1)," in data
    assert set(outcomes(take(data, exchange.CSV)).values()) <= {"unchanged", "empty"}


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        (exchange.CSV, b"a,b\n1,2\n", "source and text"),
        (exchange.CSV, b"source,text\nCart\n", "another number of columns"),
        (exchange.CSV, b"source,text\nCart,\xff\n", "UTF-8"),
        (exchange.CSV, b"source,form,text\nCart,99,x\n", "number from 0"),
        (exchange.CSV, b"source,text\nCart,x\nCart,y\n", "twice"),
        (exchange.JSON, b"[1]", "Send an object"),
        (exchange.JSON, b'{"Cart": "x", "Cart": "y"}', "twice"),
        (exchange.JSON, b'{"Cart": 3}', "a list of its forms"),
        (exchange.JSON, b"{" * 100_000, "JSON"),
        (exchange.JSON, b"[" * 200_000, "nested"),
    ],
)
def test_tables_and_objects_that_are_none_are_refused(take, name, data, why):
    with pytest.raises(Refused) as refused:
        take(data, name)
    assert why in str(refused.value.fields["file"])


def test_a_translator_looks_first_and_then_takes_it(signed_in, loaded, text_of):
    client = signed_in("translator")
    page = client.get("/locales/de/files").text
    assert "Take a file in" in page
    form = {"file": (io.BytesIO(po(Cart="Korb", Nowhere="x")), "de.po"), "do": "look"}
    looked = client.post("/locales/de/files", data=form)
    assert looked.status_code == 200
    assert "the shop does not say this" in looked.text
    assert text_of("Cart").forms == ["Warenkorb"]
    form = {"file": (io.BytesIO(po(Cart="Korb", Nowhere="x")), "de.po"), "do": "take"}
    assert client.post("/locales/de/files", data=form).status_code == 303
    assert text_of("Cart").forms == ["Korb"]
    got = client.get("/locales/de/files/csv")
    assert "attachment" in got.headers["Content-Disposition"]
    assert client.get("/locales/de/files/exe").status_code == 422
    assert signed_in("viewer").post("/locales/de/files", data={"do": "look"}).status_code == 403


def test_machines_take_in_write_out_publish_and_go_back(signed_in, loaded, text_of):
    client = signed_in("translator")
    url = "/api/v1/locales/de"
    looked = client.post(f"{url}/import?dry_run=1&approve=1", data=po(Cart="Korb")).json
    assert (looked["dry_run"], looked["counts"]) == (True, {"changed": 1})
    assert client.post(f"{url}/import?approve=1", data=po(Cart="Korb")).json["counts"] == {"changed": 1}
    assert json.loads(client.get(f"{url}/export?format=json&approved=1").data)["Cart"] == "Korb"
    assert client.post(f"{url}/publish", json={"note": "by machine"}).json["release"] == 1
    assert client.post(f"{url}/publish", json={}).status_code == 409
    assert client.post(f"{url}/releases/0/live").json == {"release": 0}
    assert client.post(f"{url}/import", data=b"rubbish").status_code == 409
    assert client.post("/api/v1/locales/xx/import", data=po(Cart="Korb")).status_code == 404


def test_the_command_line_does_the_same(control_app, loaded, tmp_path, capsys, text_of):
    path = tmp_path / "de.po"
    path.write_bytes(po(Cart="Korb"))
    assert cli.run(control_app, ["locales", "import", "de", str(path), "--dry-run"]) == 0
    assert "would be: 1 changed" in capsys.readouterr().err
    assert cli.run(control_app, ["locales", "import", "de", str(path), "--approve"]) == 0
    assert text_of("Cart").forms == ["Korb"]
    out = tmp_path / "out.po"
    assert cli.run(control_app, ["locales", "export", "de", str(out)]) == 0
    assert out.read_bytes().startswith(path.read_bytes())
    assert cli.run(control_app, ["locales", "publish", "de", "--note", "x"]) == 0
    assert cli.run(control_app, ["locales", "rollback", "de", "0"]) == 0
    assert cli.run(control_app, ["locales", "import", "de", str(tmp_path / "none.po")]) == 1
    assert cli.run(control_app, ["locales", "import", "de", str(tmp_path / "x.doc")]) == 1


def test_a_text_saved_while_a_file_comes_in_stays(loaded, control_sources, id_of, now, monkeypatch):
    planned = files.planned

    def slow(*given, **more):
        report = planned(*given, **more)
        with control_sources.control.begin() as other:
            commands.save(other, "de", id_of("Cart"), ["Meins"], "approved", 1, "ada", now)
        return report

    monkeypatch.setattr(files, "planned", slow)
    with control_sources.control.begin() as session:
        files.take_in(session, "de", po(Cart="Korb"), exchange.PO, Choices(), WHO, now, dry_run=False)
    loaded.rollback()
    assert loaded.get(Translation, (id_of("Cart"), "de"), populate_existing=True).forms == ["Meins"]
