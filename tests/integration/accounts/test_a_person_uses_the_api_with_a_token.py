"""Access tokens: had, used, renewed, ended; and every token that only looks like one."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select, text

from app.accounts import access_token_commands, commands
from app.accounts.access_token_models import SigningKeyRow
from app.accounts.models import PersonRow, SessionRow
from app.vault import Vault, is_readable
from tests.integration.accounts.conftest import PASSWORD, browser, sign_in

ADA = "ada@example.org"
TOKENS = "/api/v1/auth/tokens"


@pytest.fixture
def ada(add) -> int:
    return add(ADA, "ops")


def ask(house, **body):
    return house.test_client().post(TOKENS, json=body)


def get(house, token, path="/api/v1/me"):
    return house.test_client().get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def pair(house, ada):
    return ask(house, email=ADA, password=PASSWORD).json


def test_a_password_buys_a_token_that_reads_and_writes_as_its_person(house, pair):
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 600)
    assert get(house, pair["access_token"]).json["email"] == ADA
    changed = house.test_client().patch(
        "/api/v1/me", json={"name": "Ada L."}, headers={"Authorization": f"Bearer {pair['access_token']}"}
    )
    assert changed.status_code == 200  # without a form token, which only cookies need


def test_whoever_knows_the_published_keys_can_check_it(house, pair):
    published = house.test_client().get("/.well-known/jwks.json")
    assert "public" in published.headers["Cache-Control"]
    keys = {key["kid"]: key for key in published.json["keys"]}
    assert all("d" not in key for key in keys.values())
    key = jwt.PyJWK(keys[jwt.get_unverified_header(pair["access_token"])["kid"]])
    claims = jwt.decode(
        pair["access_token"], key, algorithms=["EdDSA"], audience="backroom-api", issuer="http://control.test"
    )
    assert set(claims) == {"iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"}
    assert ADA not in json.dumps(claims)


@pytest.mark.parametrize(
    "body", [{"email": ADA, "password": "wrong"}, {"email": "x@y.example", "password": PASSWORD}]
)
def test_a_wrong_password_and_an_unknown_person_are_told_the_same(house, ada, body):
    answer = ask(house, **body)
    assert (answer.status_code, answer.json["detail"]) == (401, "The address or the password is not right.")


def test_guessing_is_slowed_as_on_the_page(house, ada):
    answers = [ask(house, email=ADA, password=f"wrong {n}") for n in range(14)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_browser_that_is_signed_in_gets_a_token_and_another_site_gets_none(house, ada):
    client = browser(house)
    assert client.post(TOKENS).status_code == 401
    sign_in(client, ADA)
    assert get(house, client.post(TOKENS).json["access_token"]).status_code == 200
    client.environ_base.pop("HTTP_X_CSRFTOKEN")
    assert client.post(TOKENS).status_code == 403


def _parts(token):
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def _unsigned(header, claims, signature=b""):
    raw = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in raw)


def test_no_forged_token_is_believed(house, pair, control_session, now):
    header, claims = _parts(pair["access_token"])
    row = control_session.scalars(select(SigningKeyRow).where(SigningKeyRow.kid == header["kid"])).one()
    private = base64.urlsafe_b64decode(row.private_key + "==")
    ours, theirs = Ed25519PrivateKey.from_private_bytes(private), Ed25519PrivateKey.generate()
    public = ours.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def signed(key=ours, algorithm="EdDSA", head=None, **changes):
        body = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode(body, key, algorithm=algorithm, headers={**header, **(head or {})})

    assert get(house, signed()).status_code == 200  # the forger's tools work
    at = claims["iat"]
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}
    forged = {
        "alg none": _unsigned({**header, "alg": "none"}, claims),
        "alg None": _unsigned({**header, "alg": "None"}, claims, b"x"),
        "no signature": pair["access_token"].rpartition(".")[0] + ".",
        "HS256 with the public key": signed(public, "HS256", {"alg": "HS256"}),
        "HS256 that says EdDSA": _unsigned(header, claims, b"0" * 32),
        "another key": signed(theirs),
        "a key of its own": signed(theirs, head={"jwk": jwk}),
        "a key from elsewhere": signed(theirs, head={"jku": "https://evil.example/jwks.json"}),
        "a critical header": signed(head={"crit": ["exp"]}),
        "an unknown key": signed(head={"kid": "unknown"}),
        "SQL in kid": signed(head={"kid": "' OR '1'='1"}),
        "a path in kid": signed(head={"kid": "../../dev/null"}),
        "another type": signed(head={"typ": "JWT"}),
        "another audience": signed(aud="storefront"),
        "several audiences": signed(aud=["backroom-api", "storefront"]),
        "another issuer": signed(iss="https://evil.example"),
        "over": signed(iat=at - 700, nbf=at - 700, exp=at - 100),
        "yet to come": signed(iat=at + 100, nbf=at + 100, exp=at + 700),
        "not before later": signed(nbf=at + 100),
        "for a year": signed(exp=at + 31_536_000),
        "a time that is none": signed(nbf=1.5),
        "without an end": signed(exp=None),
        "without an audience": signed(aud=None),
        "without a number": signed(jti=None),
        "of somebody else": signed(sub="1"),
        "of no session": signed(sid="999999"),
        "of a negative person": signed(sub="-1"),
        "changed": pair["access_token"][:-4] + "AAAA",
        "twice encoded": base64.urlsafe_b64encode(pair["access_token"].encode()).decode(),
        "too long": pair["access_token"] + "A" * 5_000,
        "deep": ".".join([base64.urlsafe_b64encode(b"[" * 1_000).decode().rstrip("=")] * 2) + ".x",
    }
    for name, token in forged.items():
        answer = get(house, token)
        assert answer.status_code in (401, 429), name
    house.extensions["sources"].redis.flushall()
    refused = get(house, forged["alg none"])
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="backroom", error="invalid_token"'


def test_it_ends_after_ten_minutes_and_with_its_session_and_its_person(
    house, pair, ada, control_session, now
):
    with time_machine.travel(now + timedelta(minutes=11), tick=True):
        assert get(house, pair["access_token"]).status_code == 401
    commands.change_role(control_session, ada, "viewer", now, "test")
    control_session.commit()
    assert get(house, pair["access_token"], "/api/v1/audit").status_code == 403  # as of now, not as of then
    bearer = {"Authorization": f"Bearer {pair['access_token']}"}
    assert house.test_client().delete(TOKENS, headers=bearer).status_code == 204
    assert get(house, pair["access_token"]).status_code == 401
    assert (
        house.test_client()
        .post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
        .status_code
        == 401
    )


def refresh(house, token):
    return house.test_client().post("/api/v1/auth/refresh", json={"refresh_token": token})


def test_a_refresh_token_is_good_once_and_twice_ends_the_session(house, pair, control_session):
    second = refresh(house, pair["refresh_token"]).json
    third = refresh(house, second["refresh_token"]).json
    assert get(house, third["access_token"]).status_code == 200
    assert refresh(house, pair["refresh_token"]).status_code == 401  # by whoever stole it
    for token in (pair, second, third):
        assert get(house, token["access_token"]).status_code == 401
    assert refresh(house, third["refresh_token"]).status_code == 401
    assert control_session.scalars(select(SessionRow)).all() == []
    why = control_session.scalars(
        text("SELECT after->>'why' FROM audit_entries WHERE action = 'person.session.end'")
    )
    assert why.all() == ["a refresh token was used twice"]


def test_of_two_that_renew_at_once_one_gets_a_pair(house, pair):
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda _n: refresh(house, pair["refresh_token"]).status_code, range(4)))
    assert statuses == [200, 401, 401, 401]


def test_who_is_kept_out_cannot_renew(house, pair, ada, control_session):
    control_session.get(PersonRow, ada).is_active = False
    control_session.commit()
    assert refresh(house, pair["refresh_token"]).status_code == 401


def test_keys_change_without_a_gap(control_session, now):
    def kids():
        return [key["kid"] for key in access_token_commands.public_keys(control_session)]

    assert access_token_commands.rotate_keys(control_session, now) == 1
    assert access_token_commands.rotate_keys(control_session, now) == 0
    first = access_token_commands.signing_key(control_session, now).kid
    ends = now + access_token_commands.KEY_LASTS
    assert access_token_commands.rotate_keys(control_session, ends - timedelta(hours=25)) == 0
    assert access_token_commands.rotate_keys(control_session, ends - timedelta(hours=23)) == 1
    assert access_token_commands.signing_key(control_session, ends - timedelta(seconds=1)).kid == first
    assert len(kids()) == 2
    second = access_token_commands.signing_key(control_session, ends).kid
    assert second != first
    access_token_commands.rotate_keys(control_session, ends + timedelta(minutes=10))
    assert first in kids()  # what it signed at its last second may still live
    access_token_commands.rotate_keys(control_session, ends + timedelta(minutes=11))
    assert first not in kids()


def test_a_private_key_is_sealed_in_the_database(control_session, now):
    row = access_token_commands.signing_key(control_session, now)
    kept = control_session.scalar(text("SELECT private_key FROM signing_keys"))
    assert kept.startswith("v1.")
    assert row.private_key not in kept


def test_a_signing_key_that_cannot_be_read_any_more_makes_room(control_session, now):
    access_token_commands.rotate_keys(control_session, now)
    elsewhere = Vault(["a key that was lost, of thirty-two signs"]).seal("x", "signing_keys.private_key")
    control_session.execute(text("UPDATE signing_keys SET private_key = :lost"), {"lost": elsewhere})
    control_session.expire_all()
    key = access_token_commands.signing_key(control_session, now)
    assert is_readable(key.private_key)
    assert [one["kid"] for one in access_token_commands.public_keys(control_session)] == [key.kid]
