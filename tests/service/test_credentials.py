"""The file of credentials: what it says, what is refused, and who is known by what."""

from hashlib import sha256

import pytest

from riskengine.service.credentials import (
    MAX_CALLERS,
    MAX_FILE_BYTES,
    Caller,
    Credentials,
    CredentialsError,
    Shown,
    read_credentials,
    token_digest,
)
from riskengine.service.roles import Reach, Role

ENGINE_TOKEN, DESK_TOKEN = "e" * 32, "d" * 32
FILE = f"""
[[caller]]
name = "engine-1"
roles = ["matching_engine", "gateway"]
certificate = "engine-1.example"

[[caller]]
name = "engine-2"
roles = ["matching_engine"]
certificate = "engine-2.example"
token_sha256 = "{sha256(ENGINE_TOKEN.encode()).hexdigest()}"

[[caller]]
name = "desk"
roles = ["account_reader"]
token_sha256 = "{sha256(DESK_TOKEN.encode()).hexdigest()}"
accounts = [7, 8]
"""


def read(text: str, *, has_certificates: bool = True) -> Credentials:
    return read_credentials(text.encode(), has_certificates=has_certificates)


def found(token: str | None, *names: str) -> str | None:
    digest = None if token is None else token_digest(token)
    caller = read(FILE).caller_of(Shown(digest, frozenset(names)))
    return None if caller is None else caller.name


@pytest.mark.parametrize(
    ("token", "names", "name"),
    [
        (None, ("engine-1.example",), "engine-1"),
        (None, ("other.example", "engine-1.example"), "engine-1"),
        (None, ("other.example",), None),
        (None, (), None),
        (DESK_TOKEN, (), "desk"),
        (DESK_TOKEN, ("other.example",), "desk"),
        (ENGINE_TOKEN, ("engine-2.example",), "engine-2"),
        (ENGINE_TOKEN, (), None),
        (ENGINE_TOKEN, ("engine-1.example",), None),
        (None, ("engine-2.example",), None),
        ("x" * 32, ("engine-1.example",), None),
    ],
)
def test_who_shows_what_is_known_by_all_of_it(
    token: str | None, names: tuple[str, ...], name: str | None
) -> None:
    """A second factor is needed where it is set; a wrong token is not made up for."""
    assert found(token, *names) == name


def test_a_certificate_with_the_names_of_two_callers_is_nobodys() -> None:
    text = FILE + '[[caller]]\nname = "b"\nroles = ["operator"]\ncertificate = "b.example"\n'
    shown = Shown(None, frozenset({"engine-1.example", "b.example"}))
    assert read(text).caller_of(shown) is None


def test_a_caller_that_is_held_to_accounts_reaches_those_alone() -> None:
    desk = Caller("desk", frozenset({Role.ACCOUNT_READER}), frozenset({7, 8}))
    assert desk.may_reach(Reach.VENUE)
    assert desk.may_reach(Reach.ACCOUNT)
    assert desk.may_reach(Reach.ACCOUNT, 7)
    assert not desk.may_reach(Reach.ACCOUNT, 9)
    assert not desk.may_reach(Reach.ACCOUNT, 0)
    assert not desk.may_reach(Reach.ALL_ACCOUNTS)
    everybody = Caller("all", frozenset({Role.ACCOUNT_READER}))
    assert all(everybody.may_reach(reach, 9) for reach in Reach)


NAME, ROLES = 'name = "a"\n', 'roles = ["operator"]\n'
TOKEN = f'token_sha256 = "{"0" * 64}"\n'
READER = 'roles = ["account_reader"]\n'


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (ROLES + TOKEN, "caller 1: name: None; allowed: 1 to 64 letters"),
        ('name = "a b"\n' + ROLES + TOKEN, "caller 1: name: 'a b'; allowed: 1 to 64 letters"),
        (f'name = "{"a" * 65}"\n' + ROLES + TOKEN, "caller 1: name: 'aaa"),
        ('name = "-"\n' + ROLES + TOKEN, "caller 1: name: '-'; allowed: 1 to 64 letters"),
        (NAME + TOKEN, "caller 1, a: roles: None; allowed: a list of matching_engine, gateway"),
        (NAME + TOKEN + "roles = []", "caller 1, a: roles: []; allowed: a list of"),
        (NAME + TOKEN + 'roles = ["king"]', "caller 1, a: roles: ['king']; allowed: a list of"),
        (NAME + ROLES, "caller 1, a: it needs token_sha256, certificate, or both"),
        (NAME + ROLES + 'certificate = ""', "caller 1, a: certificate: '' is not a name"),
        (NAME + ROLES + TOKEN + "rank = 1", "caller 1: rank: unknown; the keys are name, roles"),
        (
            NAME + ROLES + TOKEN + "accounts = [1]",
            "caller 1, a: accounts: for one with the role account_reader alone",
        ),
        (NAME + READER + TOKEN + "accounts = []", "caller 1, a: accounts: allowed: 1 to 10000"),
        (NAME + READER + TOKEN + "accounts = [0]", "caller 1, a: accounts: 0; allowed: 1 to 92"),
        (NAME + READER + TOKEN + "accounts = [true]", "caller 1, a: accounts: True is not a wh"),
    ],
)
def test_what_is_wrong_with_a_caller_is_named(lines: str, said: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        read("[[caller]]\n" + lines)
    assert said in str(caught.value)


def caller(name: str, more: str) -> str:
    return f'[[caller]]\nname = "{name}"\n{ROLES}{more}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[[caller]]: no list; allowed: 1 to 256 of them"),
        ("caller = []", "[[caller]]: 0; allowed: 1 to 256 of them"),
        ("caller = [1]", "caller 1: 1 is no table"),
        ("[caller]\nname = 1", "[[caller]]: no list; allowed"),
        ("[[callers]]", "callers: unknown; there is nothing but [[caller]]"),
        ("[[caller]", "not TOML: "),
        ("caller = " + "[" * 5_000, "not TOML: maximum recursion depth exceeded"),
        ("caller = " + "9" * 5_000, "not TOML: Exceeds the limit (4300 digits)"),
        ("#" * (MAX_FILE_BYTES + 1), "1048577 bytes; allowed: up to 1048576"),
        (caller("a", TOKEN) * 2, "name: a stands with two callers"),
        (caller("a", TOKEN) + caller("b", TOKEN), "token_sha256: stands with two callers"),
        (
            caller("a", 'certificate = "c"') + caller("b", 'certificate = "c"'),
            "certificate: c stands with two callers",
        ),
    ],
)
def test_what_is_wrong_with_the_file_is_named(text: str, said: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        read(text)
    assert said in str(caught.value)


def test_there_may_be_so_many_callers_and_no_more() -> None:
    def some(count: int) -> str:
        return "".join(caller(f"c{n}", f'certificate = "c{n}"') for n in range(count))

    assert len(read(some(MAX_CALLERS)).names) == MAX_CALLERS
    with pytest.raises(CredentialsError):
        read(some(MAX_CALLERS + 1))


def test_a_token_in_place_of_its_digest_is_not_repeated() -> None:
    with pytest.raises(CredentialsError) as caught:
        read(caller("a", 'token_sha256 = "hunter2hunter2hunter2hunter2"'))
    assert "not 64 small hexadecimal digits" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_certificate_is_no_credential_where_none_is_verified() -> None:
    with pytest.raises(CredentialsError) as caught:
        read(FILE, has_certificates=False)
    assert "caller 1, engine-1: certificate: clients show none without tls_client_ca" in str(
        caught.value
    )


def test_a_digest_is_compared_with_every_token_in_constant_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first that is the same does not end it."""
    compared: list[bytes] = []

    def compare(known: bytes, digest: bytes) -> bool:
        compared.append(known)
        return known == digest

    monkeypatch.setattr("riskengine.service.credentials.hmac.compare_digest", compare)
    assert found(ENGINE_TOKEN, "engine-2.example") == "engine-2"
    assert compared == [token_digest(ENGINE_TOKEN), token_digest(DESK_TOKEN)]
