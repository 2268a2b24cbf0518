"""A PostgreSQL server on loopback, made in a temporary folder, that ends with the process it was started for."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from support.ports import free_ports

INSTALLED = Path("/usr/lib/postgresql")
PROGRAMS = ("initdb", "pg_ctl", "postgres")
ROLE = "postgres"

# The shell outlives a killed test process: its standard input ends, it stops the server and removes the folder.
# Several ports, since between the choice and the start another process may take one.
SERVE = """
programs=$1 folder=$2; shift 2
trap 'exit 1' HUP INT TERM
trap '"$programs/pg_ctl" stop -D "$folder/data" -m immediate >/dev/null 2>&1; rm -rf "$folder"' EXIT
initialise() { "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync; }
start() { "$programs/pg_ctl" start -D "$folder/data" -l "$folder/log" -o "-F -h 127.0.0.1 -p $1 -k '$folder'"; }
initialise >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
for port; do
    start "$port" >/dev/null 2>&1 && { echo "port $port"; read -r _; exit; }
done
cat "$folder/log"
"""


@dataclass(frozen=True)
class Postgres:
    """A running server; any user of this machine may do anything in it."""

    port: int
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_database(self) -> str:
        """SQLAlchemy's URL of a new, empty database."""
        import psycopg

        name = f"database_{next(self.numbers)}"
        with psycopg.connect(host="127.0.0.1", port=self.port, user=ROLE, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{name}"


def find_programs(installed: Path = INSTALLED, path: str | None = None) -> Path | None:
    """The folder with a whole server: the one on PATH (or `path`), else the newest that Debian's packages installed."""
    found = shutil.which("pg_ctl", path=path)
    versions = [folder for folder in installed.glob("*/bin") if folder.parent.name.isdecimal()]
    newest_first = sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    candidates = [*([Path(found).resolve().parent] if found else []), *newest_first]
    return next((folder for folder in candidates if all((folder / name).is_file() for name in PROGRAMS)), None)


def missing(programs: Path | None) -> str:
    """What this machine lacks for tests with a server, in one line; empty if it lacks nothing."""
    if programs is None:
        return f"no PostgreSQL server on PATH or in {INSTALLED}: apt-get install postgresql"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed, or without libpq: pip install 'psycopg[binary]'"
    return ""


@contextmanager
def serving(programs: Path, place: Path | None = None) -> Iterator[Postgres]:
    """Runs a server from the programs' folder until the block or this process ends, however it ends.

    Its data are in a new folder in `place` (by default the system's temporary folder), where every user must be able to write.
    """
    folder = Path(tempfile.mkdtemp(prefix="synthsweep-postgres-", dir=place))
    user, group = _owner(folder)
    process = subprocess.Popen(
        ["sh", "-c", SERVE, "sh", str(programs), str(folder), *map(str, free_ports(3))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        # Without PGDATA, PGPORT and the like, which point to another server.
        env={"PATH": os.defpath, "LC_ALL": "C"},
        # Ctrl-C is for the tests: they end first.
        start_new_session=True,
        user=user,
        group=group,
        extra_groups=None if user is None else [],
    )
    assert process.stdin
    # A forked child with a copy of this end would keep the server alive.
    os.register_at_fork(after_in_child=process.stdin.close)
    with process:
        yield Postgres(_port(process))


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    said = process.stdout.readline()
    if not said.startswith("port "):
        raise RuntimeError(f"PostgreSQL did not start:\n{said}{process.stdout.read()}")
    return int(said.split()[1])


def _owner(folder: Path) -> tuple[int | None, int | None]:
    """The folder's user and group: this process's own (None), but PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None, None
    import pwd

    account = pwd.getpwnam("nobody")
    with suppress(KeyError):
        account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return account.pw_uid, account.pw_gid
