"""Settings: where they come from, which source wins, and what each fault says."""

import json
from pathlib import Path

import pytest

from riskengine.config import (
    SETTINGS,
    Config,
    ConfigError,
    default_values,
    load_config,
    service_links,
)
from riskengine.persistence.instruction_log import SEGMENT_BYTES


def write(folder: Path, text: str) -> Path:
    path = folder / "riskengine.toml"
    path.write_text(text)
    return path


def fault(
    path: Path | None = None,
    environment: dict[str, str] | None = None,
    options: dict[str, str | None] | None = None,
) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path, environment or {}, options or {})
    return str(caught.value)


def test_without_anything_the_defaults_hold() -> None:
    assert load_config(None, {"PATH": "/bin"}, {"listen": None}) == Config()


def test_options_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'max_batch_rows = 10\ndata_dir = "from-file"\nlisten = "127.0.0.1:1"\n')
    environment = {"RISKENGINE_DATA_DIR": "from-env", "RISKENGINE_LISTEN": "127.0.0.1:2"}
    config = load_config(path, environment, {"listen": "[::1]:3"})
    assert (config.max_batch_rows, config.data_dir, config.listen) == (10, "from-env", "[::1]:3")


def test_nothing_may_be_empty_wherever_it_stands() -> None:
    assert fault(environment={"RISKENGINE_LISTEN": ""}) == "environment: listen: may not be empty"
    assert fault(options={"data_dir": ""}) == "command line: data_dir: may not be empty"


def test_a_folder_may_lie_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for given, expected in (("~", ""), ("~/x", "/x"), ("~/", "/")):
        path = write(tmp_path, f'data_dir = "{given}"\n')
        assert load_config(path, {}, {}).data_dir == f"{tmp_path}{expected}"
    assert load_config(None, {"RISKENGINE_DATA_DIR": "x/~"}, {}).data_dir == "x/~"


def test_every_default_is_within_its_bounds(tmp_path: Path) -> None:
    lines = [
        f"{key} = {json.dumps(value)}"
        for key, value in default_values().items()
        if key != "log_id"  # there is none
    ]
    assert load_config(write(tmp_path, "\n".join(lines)), {}, {}) == Config()


@pytest.mark.parametrize("key", [key for key, s in SETTINGS.items() if "minimum" in s.metadata])
def test_every_number_has_bounds_that_are_kept(key: str) -> None:
    bounds = SETTINGS[key].metadata
    for value in (bounds["minimum"] - 1, bounds["maximum"] + 1):
        message = fault(environment={f"RISKENGINE_{key.upper()}": str(value)})
        allowed = f"allowed: {bounds['minimum']} to {bounds['maximum']}"
        assert message == f"environment: {key}: {value} is out of bounds; {allowed}"


def test_an_alarm_can_end() -> None:
    """The last file always stays, and the one before it until all of it is old enough."""
    assert SETTINGS["instructions_alarm_bytes"].metadata["minimum"] == 2 * SEGMENT_BYTES
    said = fault(environment={"RISKENGINE_INSTRUCTIONS_ALARM_BYTES": str(2 * SEGMENT_BYTES - 1)})
    assert f"allowed: {2 * SEGMENT_BYTES} to " in said


@pytest.mark.parametrize("key", SETTINGS)
def test_every_setting_says_what_it_is(key: str) -> None:
    assert len(SETTINGS[key].metadata["text"]) > 10


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("max_rows = 1", "max_rows: unknown; did you mean max_batch_rows? the keys are allow_"),
        ("create = 1", "create: 1 is neither true nor false"),
        ('create = "true"', "create: 'true' is neither true nor false"),
        ('log_id = "12"', "log_id: '12' is not 16 small hexadecimal digits"),
        ('log_id = ""', "log_id: may not be empty"),
        ("max_concurrent_calls = 5", "max_concurrent_calls: no setting any more: it is divided"),
        ("max_batch_rows = 0", "max_batch_rows: 0 is out of bounds; allowed: 1 to 65536"),
        ("max_batch_rows = 1.5", "max_batch_rows: 1.5 is not a whole number"),
        ("max_batch_rows = true", "max_batch_rows: True is not a whole number"),
        ('max_batch_rows = "9"', "max_batch_rows: '9' is not a whole number"),
        ("data_dir = 5", "data_dir: 5 is not a text"),
        ('data_dir = ""', "data_dir: may not be empty"),
        ('listen = ""', "listen: may not be empty"),
        ('log_level = ""', "log_level: may not be empty"),
        (
            'data_dir = "~no such user/x"',
            "data_dir: '~no such user/x' begins with the home of a user that is unknown",
        ),
        ('log_level = "loud"', "log_level: 'loud' is unknown; allowed: debug, info, warning"),
        ('listen = "localhost"', "listen: 'localhost' is not HOST:PORT"),
        ('listen = "localhost:65536"', "listen: 'localhost:65536' is not HOST:PORT"),
        ("journal_segment_bytes = 1048577", "journal_segment_bytes: 1048577 is not a multiple"),
        (
            "journal_segment_bytes = 1048576",
            "4194304 does not fit into journal_segment_bytes, 1048576; allowed: up to 1044480",
        ),
        (
            "instructions_kept = 5",
            "instructions_kept: no setting any more: AdminService.SetRetention sets instruction",
        ),
        ("[section]\nlisten = 1", "section: unknown; the keys are"),
        ("listen =", "file: not TOML: "),
        ("listen = " + "[" * 5_000, "file: not TOML: maximum recursion depth exceeded"),
    ],
)
def test_a_fault_in_the_file_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = write(tmp_path, line)
    message = fault(path)
    assert said in message
    assert message.startswith(f"{path}: ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    assert fault(path) == f"{path}: file: No such file or directory"


def test_a_fault_in_the_environment_is_named() -> None:
    assert fault(environment={"RISKENGINE_ROWS": "1"}).startswith(
        "environment: RISKENGINE_ROWS: unknown; the keys are "
    )
    assert fault(environment={"RISKENGINE_CREATE": "yes"}) == (
        "environment: create: 'yes' is neither true nor false"
    )
    assert fault(environment={"RISKENGINE_MAX_BATCH_ROWS": "many"}) == (
        "environment: max_batch_rows: 'many' is not a whole number"
    )


def test_a_fault_in_an_option_is_named() -> None:
    assert fault(options={"listen": "nowhere"}).startswith("command line: listen: 'nowhere' is not")


GUARDED = {"tls_cert": "c.pem", "tls_key": "c.key", "credentials": "callers.toml"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.9", "[::1]", "localhost"])
def test_on_loopback_nothing_is_needed(host: str) -> None:
    assert load_config(None, {}, {"listen": f"{host}:1"}).listen == f"{host}:1"


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "[::]", "10.0.0.7", "engine.example", "localhost.example", "[::ffff:7f00:1]"],
)
def test_beyond_loopback_tls_and_credentials_are_needed_or_a_word(host: str) -> None:
    options: dict[str, str | None] = {"listen": f"{host}:1"}
    said = (
        f"command line: listen: {host}:1 is not loopback: set tls_cert (with tls_key) and "
        "credentials, or allow_insecure_listen = true"
    )
    assert fault(options=options) == said
    for given in (("tls_cert", "tls_key"), ("credentials",)):
        environment = {f"RISKENGINE_{key.upper()}": GUARDED[key] for key in given}
        assert fault(environment=environment, options=options) == said
    environment = {f"RISKENGINE_{key.upper()}": value for key, value in GUARDED.items()}
    assert load_config(None, environment, options).tls_key == "c.key"
    assert load_config(None, {"RISKENGINE_ALLOW_INSECURE_LISTEN": "true"}, options).listen


def test_the_metrics_page_may_be_anywhere() -> None:
    config = load_config(None, {}, {"metrics_listen": "0.0.0.0:9464"})
    assert config.metrics_listen == "0.0.0.0:9464"


@pytest.mark.parametrize(
    ("key", "needed"),
    [("tls_cert", "tls_key"), ("tls_key", "tls_cert"), ("tls_client_ca", "tls_cert")],
)
def test_a_setting_that_says_nothing_alone_is_refused(key: str, needed: str) -> None:
    said = fault(environment={f"RISKENGINE_{key.upper()}": "x"})
    assert said == f"environment: {key}: it is of no use without {needed}"


@pytest.mark.parametrize("text", ["yes", "1", "", "True"])
def test_a_flag_is_true_or_false(text: str) -> None:
    said = fault(environment={"RISKENGINE_ALLOW_INSECURE_LISTEN": text})
    assert said == f"environment: allow_insecure_listen: {text!r} is neither true nor false"


def test_a_flag_in_the_file_is_no_text(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "allow_insecure_listen = true"), {}, {}) == Config(
        allow_insecure_listen=True
    )
    said = fault(write(tmp_path, 'allow_insecure_listen = "true"'))
    assert said.endswith("allow_insecure_listen: 'true' is neither true nor false")


def test_what_is_for_clients_beside_it_is_not_for_the_server() -> None:
    assert load_config(None, {"RISKENGINE_CLIENT_CA": "ca.pem"}, {}) == Config()
    assert "unknown" in fault(environment={"RISKENGINE_CLIENT_CAT": "x"})


LINKS = {
    "RISKENGINE_SERVICE_HOST": "10.0.0.7",
    "RISKENGINE_SERVICE_PORT": "50051",
    "RISKENGINE_SERVICE_PORT_METRICS": "9464",
    "RISKENGINE_PORT": "tcp://10.0.0.7:50051",
    "RISKENGINE_PORT_50051_TCP": "tcp://10.0.0.7:50051",
    "RISKENGINE_PORT_50051_TCP_PROTO": "tcp",
    "RISKENGINE_PORT_50051_TCP_PORT": "50051",
    "RISKENGINE_PORT_50051_TCP_ADDR": "10.0.0.7",
    "RISKENGINE_PROBES_SERVICE_HOST": "10.0.0.8",
    "RISKENGINE_PROBES_PORT_9464_TCP": "tcp://10.0.0.8:9464",
}


def test_service_links_of_kubernetes_are_no_settings() -> None:
    assert load_config(None, LINKS | {"RISKENGINE_MAX_BATCH_ROWS": "7"}, {}).max_batch_rows == 7
    assert service_links(LINKS | {"RISKENGINE_LISTEN": "x", "HOME": "/"}) == sorted(LINKS)
    assert fault(environment={"RISKENGINE_HOST": "x"}).startswith("environment: RISKENGINE_HOST: ")
    assert fault(environment={"RISKENGINE_PORTS": "1"}).startswith("environment: RISKENGINE_PORTS")


def test_a_flag_is_set_by_each_source(tmp_path: Path) -> None:
    path = write(tmp_path, "create = true\n")
    assert load_config(path, {}, {}).create is True
    assert load_config(path, {"RISKENGINE_CREATE": "false"}, {}).create is False
    assert load_config(None, {}, {"create": "true"}).create is True
    assert load_config(None, {}, {}).create is False
