"""Where the embedded Valkey listens."""

from pathlib import Path

from kombu.utils.url import parse_url

from config import broker


def test_the_socket_lies_beside_the_data():
    assert broker.embedded_socket(Path("/var/lib/b12clinic")) == Path("/var/lib/b12clinic/valkey.sock")


def test_a_folder_too_deep_for_a_socket_gets_a_short_one_of_its_own():
    deep, other = Path("/srv", "d" * 120), Path("/srv", "e" * 120)
    assert len(str(broker.embedded_socket(deep))) <= broker.LONGEST_SOCKET_PATH
    assert broker.embedded_socket(deep) == broker.embedded_socket(deep)
    assert broker.embedded_socket(deep) != broker.embedded_socket(other)


def test_umlauts_count_as_the_bytes_they_are():
    assert broker.embedded_socket(Path("/srv", "ü" * 45)).parent != Path("/srv", "ü" * 45)


def test_celery_finds_the_socket_also_under_an_awkward_name():
    folder = Path("/srv/a clinic, 100% + #1?")
    assert parse_url(broker.embedded_url(folder))["virtual_host"] == "srv/a clinic, 100% + #1?/valkey.sock"
