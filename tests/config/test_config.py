"""Settings: four layers, their types, and what is said where one is wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import get_type_hints

import pytest
from pydantic import ValidationError

from csoundd.cli.rendering import render
from csoundd.config import BadConfig, Config, is_loopback, load
from csoundd.limits import TOKENLESS_SESSIONS

DEFAULTS = Config.model_validate({})


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(folder: Path, text: str, name: str = "csoundd.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_everything_has_a_default() -> None:
    assert load({}, {}).config == DEFAULTS


def test_the_defaults_are_those_of_the_contract() -> None:
    config = DEFAULTS
    assert (config.host, config.port, config.osc_port, config.osc_tcp_port, config.oscquery_port) == (
        "127.0.0.1", 7700, 7700, 7701, 7702,
    )  # fmt: skip
    assert (config.engine, config.drive, config.insecure) == ("auto", "clock", False)


def test_each_layer_wins_over_the_one_before(tmp_path: Path) -> None:
    written(tmp_path, "port = 1\nosc_port = 1\nosc_tcp_port = 1\n")
    variables = {"CSOUNDD_OSC_PORT": "2", "CSOUNDD_OSC_TCP_PORT": "2"}
    settings = load({"osc_tcp_port": 3}, variables)
    config = settings.config
    assert (config.oscquery_port, config.port, config.osc_port, config.osc_tcp_port) == (7702, 1, 2, 3)
    names = ("oscquery_port", "port", "osc_port", "osc_tcp_port")
    assert [settings.layer(name) for name in names] == ["default", "file", "environment", "flag"]


def test_a_layer_leaves_what_it_does_not_name(tmp_path: Path) -> None:
    written(tmp_path, 'drive = "step"\n')
    assert load({"port": 3}, {"CSOUNDD_BLOCK": "64"}).config == Config.model_validate(
        {"drive": "step", "port": 3, "block": 64}
    )


def test_a_file_that_is_named_is_read_instead_of_the_usual_one(tmp_path: Path) -> None:
    written(tmp_path, "port = 1\n")
    other = written(tmp_path, "block = 32\n", "other.toml")
    for settings in (load({}, {}, other), load({}, {"CSOUNDD_CONFIG": str(other)})):
        assert (settings.config.port, settings.config.block) == (7700, 32)


def test_a_file_named_by_flag_wins_over_one_named_by_the_environment(tmp_path: Path) -> None:
    one, other = written(tmp_path, "port = 1\n", "one.toml"), written(tmp_path, "port = 2\n", "other.toml")
    assert load({}, {"CSOUNDD_CONFIG": str(one)}, other).config.port == 2


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "8000", 8000),
        ("INSECURE", "true", True),
        ("INSECURE", "1", True),
        ("REALTIME", "no", False),
        ("WORKSPACE", "pieces", Path("pieces")),
        ("OPTIONS", "-b512 --sample-accurate", ("-b512", "--sample-accurate")),
        ("ALLOWED_HOSTS", "", ()),
        ("SAMPLES", f"drums{os.pathsep}my strings", (Path("drums"), Path("my strings"))),
        ("LOG_LEVEL", "debug", "debug"),
    ],
)
def test_a_variable_is_read_as_its_type(name: str, text: str, value: object) -> None:
    assert getattr(load({}, {f"CSOUNDD_{name}": text}).config, name.lower()) == value


def test_a_file_has_types_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, 'port = 8000\ninsecure = true\noptions = ["-b512", "-B 1024"]\nworkspace = "pieces"\n')
    config = load({}, {}).config
    assert (config.port, config.insecure, config.workspace) == (8000, True, Path("pieces"))
    assert config.options == ("-b512", "-B 1024")


def test_variables_of_others_are_left_alone() -> None:
    assert load({}, {"CSOUNDD_URL": "ws://here", "PORT": "1", "csoundd_port": "1"}).config == DEFAULTS


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('port = "x"', r"port \(file\): input should be a valid integer.*"),
        ("port = 70000", r"port \(file\): .*65535"),
        ("port = 1.5", r"port \(file\): .*integer.*"),
        ("port = []", r"port \(file\): .*integer.*"),
        ('options = "-b512"', r"options \(file\): input should be a list"),
        ("options = [5]", r"options \(file\): .*string"),
        ('drive = "sideways"', r"drive \(file\): input should be 'clock', 'device', 'free' or 'step'"),
        ("prot = 7700", r"prot \(file\): there is no such setting, did you mean port\?"),
        ("zzz = 1", r"zzz \(file\): there is no such setting"),
        ("[serve]\nport = 1", r"serve \(file\): there is no such setting"),
        ("port = ", r"csoundd\.toml: .*"),
        ("max_frame = 10", r"max_frame \(file\): .*1024"),
    ],
)
def test_a_mistake_in_the_file_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    written(tmp_path, text)
    with pytest.raises(BadConfig) as caught:
        load({}, {})
    assert re.fullmatch(sentence, caught.value.message)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("PORT", "x", r"port \(environment\): .*integer.*"),
        ("PORT", "", r"port \(environment\): .*integer.*"),
        ("INSECURE", "perhaps", r"insecure \(environment\): .*boolean.*"),
        ("ENGINE", "steam", r"engine \(environment\): input should be auto, native, native:7, .* wasm, or the path"),
    ],
)
def test_a_mistake_in_a_variable_is_a_sentence(name: str, text: str, sentence: str) -> None:
    with pytest.raises(BadConfig, match=sentence):
        load({}, {f"CSOUNDD_{name}": text})


def test_every_mistake_is_told() -> None:
    with pytest.raises(BadConfig, match=r"port \(flag\): .*; block \(environment\): .*"):
        load({"port": -1}, {"CSOUNDD_BLOCK": "0"})


def test_a_layer_that_is_overruled_may_be_wrong(tmp_path: Path) -> None:
    written(tmp_path, 'port = "x"\n')
    assert load({"port": 3}, {}).config.port == 3


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["not text", "a folder"])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "odd.toml"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(BadConfig, match=r"odd\.toml"):
        load({}, {}, path)


def test_a_named_file_has_to_be_there() -> None:
    with pytest.raises(BadConfig, match=r"missing\.toml"):
        load({}, {}, Path("missing.toml"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]"])
def test_this_machines_own_addresses_need_no_permission(host: str) -> None:
    assert is_loopback(host)
    assert load({"host": host, "osc_host": host}, {}).config.host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "example.org", "localhost.example.org"])
@pytest.mark.parametrize("name", ["host", "osc_host"])
def test_any_other_address_needs_permission(name: str, host: str) -> None:
    with pytest.raises(BadConfig, match="--insecure"):
        load({name: host}, {})
    given = {name: host, "insecure": True, "auth": "off"}
    assert getattr(load(given, {}).config, name) == host


def test_beyond_this_machine_the_error_says_what_makes_it_right() -> None:
    with pytest.raises(BadConfig) as refused:
        load({"host": "0.0.0.0", "state": "here"}, {})
    assert "csoundd token create --scope control --state here" in refused.value.message
    assert "csoundd serve --host 0.0.0.0 --tls auto --state here" in refused.value.message
    assert load({"host": "0.0.0.0", "state": "here", "tls": "auto"}, {}).config.is_encrypted


@pytest.mark.parametrize(
    ("given", "meant"), [("10.0.0.7", "10.0.0.7/32"), ("10.0.0.7/8", "10.0.0.0/8"), ("::1", "::1/128")]
)
def test_a_proxy_is_named_by_its_network(given: str, meant: str) -> None:
    assert load({"trusted_proxies": [given]}, {}).config.trusted_proxies == (meant,)
    with pytest.raises(BadConfig, match="is no network"):
        load({"trusted_proxies": ["proxy.example"]}, {})


def test_osc_is_opened_by_itself_alone() -> None:
    """It is not encrypted, so an address for HTTP is none for OSC."""
    encrypted = {"host": "0.0.0.0", "state": "here", "tls": "auto"}
    assert load(encrypted, {}).config.osc_address == "127.0.0.1"
    assert load(encrypted | {"osc_host": "::1"}, {}).config.osc_address == "::1"
    with pytest.raises(BadConfig, match="--osc-allow"):
        load(encrypted | {"osc_host": "0.0.0.0"}, {})
    assert load(encrypted | {"insecure": True}, {}).config.osc_address == "0.0.0.0"
    assert load({"host": "::1"}, {}).config.osc_address == "::1"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tls_cert": "cert.pem"}, "belong together"),
        ({"tls_key": "key.pem"}, "belong together"),
        ({"tls": "auto", "state": "here", "tls_cert": "cert.pem", "tls_key": "key.pem"}, "of its own"),
        ({"tls": "auto"}, "--state DIR"),
        ({"host": "0.0.0.0", "tls": "auto", "state": "here", "auth": "off"}, "--insecure"),
    ],
)
def test_settings_of_trust_that_contradict_each_other(given: dict[str, object], said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        load(given, {})


@pytest.mark.parametrize("given", [{"auth": "required"}, {"host": "192.0.2.1", "insecure": True}])
def test_where_a_token_is_needed_there_is_a_folder_for_tokens(given: dict[str, object]) -> None:
    with pytest.raises(BadConfig, match="csoundd token create --state"):
        load(given, {})
    assert load(given | {"state": "state"}, {}).config.state == Path("state")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        DEFAULTS.port = 1


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Config.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://synth.example", "https://synth.example"),
        ("HTTP://Synth.Example:8080", "http://synth.example:8080"),
        ("http://synth.example:80", "http://synth.example"),
        ("https://synth.example:443", "https://synth.example"),
        ("http://[::1]:5173", "http://[::1]:5173"),
        ("http://müsik.example", "http://xn--msik-0ra.example"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("null", "null"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(given: str, meant: str) -> None:
    assert load({"allowed_origins": [given]}, {}).config.allowed_origins == (meant,)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("http://synth.example/", "write http://synth.example"),
        ("https://synth.example:443/page?x=1", "write https://synth.example"),
        ("http://me@synth.example", "write http://synth.example"),
        ("synth.example", "it begins with http:// or https://"),
        ("localhost:5173", "it begins with http:// or https://"),
        ("http://*.synth.example", "named in full"),
        ("http://", "it begins with"),
        ("http://synth.example:port", "is no origin"),
        ("*", "--insecure"),
    ],
)
def test_an_origin_that_no_page_has_is_refused(given: str, said: str) -> None:
    with pytest.raises(BadConfig, match=re.escape(said)):
        load({"allowed_origins": [given]}, {})


def test_every_page_may_connect_to_who_wants_it() -> None:
    assert load({"allowed_origins": ["*"], "insecure": True}, {}).config.allowed_origins == ("*",)


def test_origins_come_from_the_environment_too() -> None:
    variables = {"CSOUNDD_ALLOWED_ORIGINS": "http://a.example null"}
    assert load({}, variables).config.allowed_origins == ("http://a.example", "null")


@pytest.mark.parametrize(
    ("given", "meant"), [("Synth.Example.", "synth.example"), ("[::1]", "::1"), ("192.168.1.5", "192.168.1.5")]
)
def test_a_host_is_kept_as_it_is_looked_for(given: str, meant: str) -> None:
    assert load({"allowed_hosts": [given]}, {}).config.allowed_hosts == (meant,)


@pytest.mark.parametrize("given", ["http://synth.example", "synth.example:7700", "synth.example/", "*", ""])
def test_a_host_that_no_request_names_is_refused(given: str) -> None:
    with pytest.raises(BadConfig, match="a name or an address alone"):
        load({"allowed_hosts": [given]}, {})


def test_any_free_port_means_all_of_them_unless_they_are_given() -> None:
    ports = load({"port": 0, "osc_port": 7711}, {}).config
    assert (ports.port, ports.osc_port, ports.osc_tcp_port, ports.oscquery_port) == (0, 7711, 0, 0)
    assert load({}, {"CSOUNDD_PORT": "0"}).config.osc_port == 0
    assert load({"port": 7800}, {}).config.osc_port == 7700


def test_a_misspelt_variable_is_told() -> None:
    misspelt = load({}, {"CSOUNDD_PROT": "1", "CSOUNDD_URL": "ws://x", "CSOUNDD_STATE": "here", "HOME": "/"}).misspelt
    assert misspelt == ["CSOUNDD_PROT is ignored: there is no such setting, did you mean CSOUNDD_PORT?"]


def test_what_a_command_reads_of_the_environment_is_not_misspelt() -> None:
    hints = get_type_hints(render, include_extras=True).values()
    read = {each.envvar for hint in hints for each in getattr(hint, "__metadata__", ()) if each.envvar}
    assert "CSOUNDD_NO_CACHE" in read
    assert load({}, dict.fromkeys(read, "1")).misspelt == []


def test_limits_of_several_layers_are_put_together(tmp_path: Path) -> None:
    file = tmp_path / "csoundd.toml"
    file.write_text("[limits]\nrequests = 100\nhandles = 5\n")
    config = load({"limits": ["handles=7"]}, {"CSOUNDD_LIMITS": "files=3 requests=200"}, file).config
    assert [config.bound(name) for name in ("requests", "handles", "files")] == [200, 7, 3]
    assert config.bound("tokenless") == TOKENLESS_SESSIONS


def test_a_limit_with_a_setting_of_its_own_is_in_force_as_that_says() -> None:
    assert load({"max_frame": 2048}, {}).config.bound("frame") == 2048


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("request=5", "did you mean requests?"),
        ("frame=5", "it is the setting max_frame"),
        ("requests", "NAME=NUMBER"),
        ("requests=0", "above 0"),
        ("requests=nan", "above 0"),
    ],
)
def test_a_wrong_limit_is_told(word: str, said: str) -> None:
    with pytest.raises(BadConfig, match=re.escape(said)):
        load({"limits": [word]}, {})
