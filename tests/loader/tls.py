"""PostgreSQL behind TLS with a real certificate: by its own means, or behind a relay where it was built without."""

import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import trustme
from psycopg import sql

from loader.account import server_account
from loader.connection import address
from tests.conftest import RunningServer, loader_command, parsed

#: The name that the certificates are for, and another name of the same machine.
NAME, OTHER_NAME = "localhost", "127.0.0.1"
#: What clients send before the first word (the PostgreSQL manual, "Message Formats"): 8 bytes, and one of these.
_SSL_REQUEST = (8).to_bytes(4) + (80_877_103).to_bytes(4)
_GSS_REQUEST = (8).to_bytes(4) + (80_877_104).to_bytes(4)


@dataclass(frozen=True)
class TlsServer:
    """A server that takes nothing but TLS. ``ca``: file of the certificate authority; ``url``: without TLS options."""

    url: str
    ca: Path

    def at(self, host: str = NAME, **options: str) -> str:
        """Its address under a name, with libpq's options."""
        return address(parsed(self.url) | {"host": host} | options)


def distribution_binaries() -> Path | None:
    """Programs of a PostgreSQL that was built with TLS: those under test if they lie there, else the newest."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    chosen = os.environ.get("LOADER_PG_BIN")
    found = [path.parent for path in folders if not chosen or path.parent == Path(chosen)]
    return found[-1] if found else None


@contextmanager
def with_own_tls(binaries: Path, folder: Path) -> Iterator[TlsServer]:
    """A server of its own with ``ssl = on`` that refuses connections without it. folder: for the CA's file."""
    base = Path(tempfile.mkdtemp(prefix="support-warehouse-tests-"))
    base.chmod(0o711)
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "LOADER_STATE_DIR": str(base / "state")}
    environment["LOADER_PG_BIN"] = str(binaries)
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME)
    try:
        up = loader_command("db", "up", env=environment, cwd=base)
        assert up.returncode == 0, up.stderr
        url = loader_command("db", "url", env=environment, cwd=base).stdout.strip()
        for name, blob in (
            ("server.key", certificate.private_key_pem),
            ("server.crt", certificate.cert_chain_pems[0]),
        ):
            blob.write_to_path(base / "state" / name)
            (base / "state" / name).chmod(0o600)
            server_account().own(base / "state" / name)
        rules = base / "state" / "data" / "pg_hba.conf"
        rules.write_text(rules.read_text().replace("\nhost ", "\nhostssl "))
        with psycopg.connect(url, autocommit=True) as connection:
            for setting, value in (("ssl_key_file", "server.key"), ("ssl_cert_file", "server.crt")):
                connection.execute(
                    sql.SQL("alter system set {} = {}").format(
                        sql.Identifier(setting), sql.Literal(str(base / "state" / value))
                    )
                )
            connection.execute("alter system set ssl = on")
            connection.execute("select pg_reload_conf()")
        yield TlsServer(url, _written(authority, folder))
    finally:
        loader_command("db", "destroy", "--yes", env=environment, cwd=base)


@contextmanager
def behind_a_relay(server: RunningServer, url: str, folder: Path) -> Iterator[TlsServer]:
    """The test session's server behind a relay that speaks TLS with its clients and nothing else."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    found = parsed(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = (found["host"], int(found["port"]))
        threading.Thread(target=_accept, args=(listener, context, target), daemon=True).start()
        yield TlsServer(address(found | {"port": str(listener.getsockname()[1])}), _written(authority, folder))


def other_authority(folder: Path) -> Path:
    """The file of a certificate authority that signed nothing here."""
    return _written(trustme.CA(), folder, "other ca.pem")


def _written(authority: trustme.CA, folder: Path, name: str = "our ca.pem") -> Path:
    authority.cert_pem.write_to_path(folder / name)
    return folder / name


def _accept(listener: socket.socket, context: ssl.SSLContext, target: tuple[str, int]) -> None:
    with suppress(OSError):  # the listener was closed
        while True:
            client, _place = listener.accept()
            threading.Thread(target=_serve, args=(client, context, target), daemon=True).start()


def _serve(client: socket.socket, context: ssl.SSLContext, target: tuple[str, int]) -> None:
    with closing(client), suppress(OSError):
        while (request := client.recv(8, socket.MSG_WAITALL)) == _GSS_REQUEST:
            client.sendall(b"N")
        if request != _SSL_REQUEST:
            return
        client.sendall(b"S")
        with context.wrap_socket(client, server_side=True) as secured, socket.create_connection(target) as server:
            threading.Thread(target=_pump, args=(server, secured), daemon=True).start()
            _pump(secured, server)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
