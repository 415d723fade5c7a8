"""The example service as it runs for real: uvicorn in a process of its own, and its log folder."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class ChatService:
    """A running service: where to talk to it, and where it logs."""

    base_url: str
    log_directory: Path

    def post(self, path: str, body: dict[str, Any] | None = None, *, status: int = 204) -> Any:
        """POST a body and check the status; the result is the answer's JSON, if there is any."""
        response = httpx.post(f"{self.base_url}{path}", json=body, timeout=20)
        assert response.status_code == status, f"{path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def lines(self) -> list[dict[str, Any]]:
        """Every line logged so far, in the order of time."""
        files = sorted(self.log_directory.glob("*.jsonl"))
        lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
        return sorted(lines, key=lambda line: (line["timestamp"], line["product"], line["seq"]))


@pytest.fixture
def chat_service(tmp_path: Path) -> Iterator[ChatService]:
    """The example service under uvicorn on a free port of loopback."""
    log_directory = tmp_path / "logs"
    # The service inherits a socket that listens already: no port is guessed, and the first request waits for it.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "examples.chat_service.app:app", "--fd", str(listener.fileno())],
            cwd=ROOT,
            # Without the emitter's thread a line stands in the file when the answer comes.
            env={**os.environ, "EMITTER_DIRECTORY": str(log_directory), "EMITTER_BACKGROUND": "0"},
            pass_fds=[listener.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    with process:
        try:
            yield ChatService(f"http://127.0.0.1:{port}", log_directory)
        finally:
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=20)[1].decode()
    assert "Traceback" not in said, said
