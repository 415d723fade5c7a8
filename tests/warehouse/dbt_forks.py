"""Many dbt runs from one parse: a helper process parses the project once and forks itself for each run.

A run is a real ``dbt`` invocation in a process of its own, which can be killed for real, without the seconds of
start-up and parsing. As a program (started by :class:`DbtForks`): JSON requests on stdin, one JSON answer per run on
stdout.
"""

import functools
import gc
import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from types import CodeType
from typing import Any

from psycopg.conninfo import conninfo_to_dict

# All models, the seeds that they need, and the data tests. The unit tests are the cases of the rules, whatever the data
# are: test_build runs them.
WITHOUT_CASES = ("build", "--exclude-resource-type", "unit_test")
# Without the data tests too, which take as long as the models.
MODELS = (*WITHOUT_CASES, "--exclude-resource-type", "test")


@dataclass(frozen=True)
class Model:
    """A relation that dbt makes. materialized: view, table, incremental, …; meta: what the project says of it."""

    schema: str
    name: str
    materialized: str
    meta: dict[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Finished:
    """A run that is over. code: exit code, or the negative number of the signal that killed it."""

    code: int
    output: str


class DbtForks:
    """The helper's client. project: folder of dbt_project.yml; folder: for what dbt writes; env: of all runs."""

    def __init__(self, project: Path, folder: Path, env: dict[str, str]) -> None:
        self._folder = folder
        self._numbers = 0
        self._answers: dict[int, int] = {}
        self._outputs: dict[int, Path] = {}
        self._errors = (folder / "helper.txt").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, __file__, project, folder],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        try:
            self.models = [Model(**model) for model in self._read()["models"]]
        except BaseException:
            self.close()
            raise

    def start(
        self,
        url: str,
        *arguments: str,
        place: str = "run",
        env: dict[str, str] | None = None,
        kill_after: int | None = None,
    ) -> int:
        """Begin a run; its number is for :meth:`wait`. Runs at the same time need different places.

        kill_after: SIGKILL as soon as so many models are done.
        """
        self._numbers += 1
        self._outputs[self._numbers] = self._folder / f"{place}.txt"
        request = {
            "number": self._numbers,
            "database": conninfo_to_dict(url)["dbname"],
            "env": {"DATABASE_URL": url} | (env or {}),
            "arguments": [*arguments, "--target-path", str(self._folder / place)],
            "output": str(self._outputs[self._numbers]),
            "kill_after": kill_after,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._numbers

    def wait(self, number: int) -> Finished:
        while number not in self._answers:
            answer = self._read()
            self._answers[answer["number"]] = answer["code"]
        return Finished(self._answers.pop(number), self._outputs.pop(number).read_text())

    def run(self, url: str, *arguments: str, **options: Any) -> Finished:
        return self.wait(self.start(url, *arguments, **options))

    def close(self) -> None:
        """End the helper, which ends when there is nobody to ask."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        self._errors.close()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            raise RuntimeError(f"the helper of dbt ended: {self._errors.read()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def main(project: str, folder: str) -> None:
    """The helper."""
    from dbt.cli.main import dbtRunner

    _leave_statements_unsaid()
    _compile_templates_once()
    _share_empty_tables()
    # What dbt prints goes to stderr: stdout is for the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.chdir(project)
    always = ["--quiet", "--no-use-colors", "--no-write-json", "--log-level-file", "none", "--log-path", folder]
    parsed = dbtRunner().invoke([*always, "parse", "--target-path", folder])
    if not parsed.success:
        raise SystemExit(f"dbt parse: {parsed.exception}")
    manifest: Any = parsed.result
    # Each after those that it is built from: the first that differs is where to look.
    ids = TopologicalSorter({name: node.depends_on_nodes for name, node in manifest.nodes.items()}).static_order()
    models = [
        {
            "schema": node.schema,
            "name": node.alias,
            "materialized": node.config.materialized,
            "meta": node.config.meta,
        }
        for node in (manifest.nodes[name] for name in ids if name in manifest.nodes)
        if node.resource_type in {"model", "snapshot"} and node.config.materialized != "ephemeral"
    ]
    _tell(answers, models=models)
    gc.freeze()
    at_work: dict[int, int] = {}
    requests = b""
    while True:
        readable, _, _ = select.select([0], [], [], 0.01 if at_work else None)
        if readable:
            read = os.read(0, 65536)
            if not read:
                return
            requests += read
        while b"\n" in requests:
            line, requests = requests.split(b"\n", 1)
            request = json.loads(line)
            pid = os.fork()
            if not pid:
                _run(manifest, always, request)
            at_work[pid] = request["number"]
        while at_work:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            _tell(answers, number=at_work.pop(pid), code=os.waitstatus_to_exitcode(status))


def _leave_statements_unsaid() -> None:
    """No message for each of thousands of statements: nobody reads them, and a run is bound by the processor."""
    from dbt.adapters.events.base_types import DebugLevel
    from dbt_common.events.event_manager import EventManager

    fire = EventManager.fire_event

    def fire_others(manager: EventManager, event: Any, *arguments: Any, **options: Any) -> None:
        if not isinstance(event, DebugLevel):
            fire(manager, event, *arguments, **options)

    setattr(DebugLevel, "__init__", lambda *_, **__: None)  # noqa: B010 - as a plain assignment it is none for mypy
    setattr(EventManager, "fire_event", fire_others)  # noqa: B010


def _compile_templates_once() -> None:
    """Templates that the parse has compiled need not be compiled again by each run."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    compile_anew = MacroFuzzEnvironment.compile
    codes: dict[tuple[type, str], CodeType] = {}

    def compile_once(environment: MacroFuzzEnvironment, source: Any, *arguments: Any) -> CodeType:
        if arguments or not isinstance(source, str):
            return compile_anew(environment, source, *arguments)
        key = (type(environment), source)
        if key not in codes:
            codes[key] = compile_anew(environment, source)
        return codes[key]

    setattr(MacroFuzzEnvironment, "compile", compile_once)  # noqa: B010 - see above


def _share_empty_tables() -> None:
    """A statement without rows has a table all the same, with a tester of all types and languages of dates."""
    from dbt_common.clients import agate_helper

    setattr(agate_helper, "empty_table", functools.cache(agate_helper.empty_table))  # noqa: B010 - see above


def _run(manifest: Any, always: list[str], request: dict[str, Any]) -> None:
    """One run, in a process of its own, which does not return from here."""
    from dbt.cli.main import dbtRunner

    code = 2
    try:
        # The process ends before its garbage matters.
        gc.disable()
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.update(request["env"])
        _move(manifest, request["database"])
        done = 0

        def count(event: Any) -> None:
            nonlocal done
            done += event.info.name == "NodeFinished"
            if done >= request["kill_after"]:
                os.kill(os.getpid(), signal.SIGKILL)

        callbacks = [] if request["kill_after"] is None else [count]
        result = dbtRunner(manifest=manifest, callbacks=callbacks).invoke([*always, *request["arguments"]])
        if result.exception:
            print(result.exception)
        code = 0 if result.success else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _move(manifest: Any, database: str) -> None:
    """What was parsed for one database is to be run in another; nothing else of a parse depends on the address."""
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}"', f'"{database}"', 1)
        node.database = database


def _tell(answers: Any, **answer: Any) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
