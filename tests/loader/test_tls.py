"""A remote server over TLS: with the right certificate loader and dbt work, with any other they refuse."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT, NewDatabase, RunningServer, loader_command
from tests.loader.conftest import event_lines
from tests.loader.tls import (
    OTHER_NAME,
    TlsServer,
    behind_a_relay,
    distribution_binaries,
    other_authority,
    with_own_tls,
)

BINARIES = distribution_binaries()


@pytest.fixture(scope="module", params=["relay", *(["server"] if BINARIES else [])])
def secured(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    server: RunningServer,
    new_database: NewDatabase,
) -> Iterator[TlsServer]:
    """A database that can be reached over TLS only; by the server itself too where one built with TLS is installed."""
    folder = tmp_path_factory.mktemp("authorities")
    if request.param == "server":
        assert BINARIES is not None
        with with_own_tls(BINARIES, folder) as found:
            yield found
    else:
        with new_database() as url, behind_a_relay(server, url, folder) as found:
            yield found


def loader(url: str, *arguments: str | Path, cwd: Path = Path("/")) -> subprocess.CompletedProcess[str]:
    return loader_command(*arguments, env=CLEAN_ENVIRONMENT | {"DATABASE_URL": url}, cwd=cwd)


def dbt(url: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--no-use-colors", "debug", "--connection", "--log-path", folder],
        cwd=ROOT,
        env=CLEAN_ENVIRONMENT | {"DATABASE_URL": url} | environment,
        timeout=120,
        check=False,
        capture_output=True,
        text=True,
    )


def test_loader_and_dbt_work_with_a_certificate_that_is_checked(secured: TlsServer, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    url = secured.at(sslmode="verify-full", sslrootcert=str(secured.ca))
    assert "%20ca.pem" in url

    assert loader(url, "init").returncode == 0
    assert loader(url, "ingest", tmp_path).returncode == 0
    looked_at = loader(url, "doctor", cwd=ROOT)

    assert looked_at.returncode == 0, looked_at.stdout
    assert "ok    tls: in use, and the server's certificate is checked\n" in looked_at.stdout
    assert "ok    dbt: dbt's profile says localhost:" in looked_at.stdout
    with psycopg.connect(url) as connection:
        assert connection.pgconn.ssl_in_use
        assert connection.execute("select count(*) from raw.events").fetchone() == (10,)


def test_the_certificate_may_be_named_by_libpqs_variables(secured: TlsServer, tmp_path: Path) -> None:
    variables = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(secured.ca)}
    done = loader_command("status", env=CLEAN_ENVIRONMENT | {"DATABASE_URL": secured.at()} | variables)
    assert done.returncode in (0, 4)
    assert "cannot be reached" not in done.stderr
    assert "[OK connection ok]" in dbt(secured.at(), tmp_path, **variables).stdout


@pytest.mark.parametrize(
    ("host", "authority", "words"),
    [
        ("localhost", "other", "certificate verify failed"),
        ("localhost", "missing", "does not exist"),
        (OTHER_NAME, "ours", f'server certificate for "localhost" does not match host name "{OTHER_NAME}"'),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused(
    secured: TlsServer, tmp_path: Path, host: str, authority: str, words: str
) -> None:
    files = {"ours": secured.ca, "missing": tmp_path / "missing.pem", "other": other_authority(tmp_path)}
    url = secured.at(host, sslmode="verify-full", sslrootcert=str(files[authority]))

    refused = loader(url, "status")

    assert (refused.returncode, refused.stdout) == (4, "")
    assert "the database cannot be reached" in refused.stderr
    assert words in refused.stderr
    assert "next: name the file of the authority that signed the server's certificate" in refused.stderr
    assert "OK connection" not in dbt(url, tmp_path).stdout


def test_connections_without_tls_are_refused_by_the_server(secured: TlsServer, tmp_path: Path) -> None:
    url = secured.at(sslmode="disable")
    assert loader(url, "status").returncode == 4
    assert "OK connection" not in dbt(url, tmp_path).stdout


def test_a_server_without_tls_is_refused_where_it_is_asked_for(server: RunningServer, tmp_path: Path) -> None:
    refused = loader(TlsServer(server.url, tmp_path / "none").at(sslmode="require"), "status")
    assert refused.returncode == 4
    assert "server does not support SSL, but SSL was required" in refused.stderr
    assert "next: switch TLS on there" in refused.stderr
