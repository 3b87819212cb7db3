"""MariaDB with its own client: statements, errors, several results, another database, a refused login."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.captures.recording import recorded, run, running

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 3399
STATEMENTS = """
select @@version_comment;
create database shop; use shop;
create table orders (id int primary key, what text);
insert into orders values (1, 'tea'), (2, 'café');
select * from orders;
selekt 1;
update orders set what = 'tee' where id = 1;
insert into orders values (1, 'again');
delimiter //
create procedure two() begin select 1; select 2; end//
delimiter ;
call two();
prepare one from 'select what from orders where id = ?'; set @a = 2; execute one using @a;
"""


@contextmanager
def mariadb(port: int, *options: str) -> Iterator[list[str]]:
    """A server with nothing in it; the command that talks to it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.chown(folder, "mysql")
        data = f"--datadir={folder / 'data'}"
        init = ["mariadb-install-db", "--user=mysql", data, "--auth-root-authentication-method=normal"]
        subprocess.run(init, check=True, capture_output=True)
        server = [data, "--user=mysql", f"--port={port}", f"--socket={folder / 'socket'}", "--bind-address=127.0.0.1"]
        with running("mariadbd", "--no-defaults", *server, *options, port=port):
            subprocess.run(["sleep", "2"], check=True)
            yield ["mariadb", "-h", "127.0.0.1", "-P", str(port), "--skip-ssl"]


def main() -> None:
    with mariadb(PORT) as client, recorded("mysql", PORT):
        subprocess.run([*client, "-u", "root", "-f"], input=STATEMENTS, text=True, check=False, capture_output=True)
        run(*client, "-u", "nobody", "-pwrong", "-e", "select 1")


if __name__ == "__main__":
    main()
