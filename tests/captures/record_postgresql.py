"""PostgreSQL with psql and pgbench: simple and prepared statements, errors, a transaction, COPY, a refused login."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.captures.recording import recorded, run, running

PORT = 5499
BIN = Path("/usr/lib/postgresql/15/bin")
URL = f"host=127.0.0.1 port={PORT} user=ann dbname=postgres sslmode="
STATEMENTS = """
create table orders (id int primary key, what text);
insert into orders values (1, 'tea'), (2, 'café');
select * from orders;
selekt 1;
begin; update orders set what = 'tee' where id = 1; commit;
insert into orders values (1, 'again');
copy orders to stdout;
select count(*) from generate_series(1, 3000);
"""
PREPARED = "select what from orders where id = 2;\nselect 1 / 0;\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.chown(folder, "postgres")
        folder.chmod(0o700)
        init = [str(BIN / "initdb"), "-A", "trust", "-U", "ann", "-D", str(folder / "data")]
        subprocess.run(["runuser", "-u", "postgres", "--", *init], check=True, capture_output=True, cwd=folder)
        server = ["-D", str(folder / "data"), "-p", str(PORT), "-k", str(folder), "-h", "127.0.0.1"]
        with running("runuser", "-u", "postgres", "--", str(BIN / "postgres"), *server, port=PORT, cwd=folder):
            subprocess.run(["sleep", "1"], check=True)
            with recorded("postgresql", PORT):
                run("psql", URL + "prefer", "-c", "select 1")
                subprocess.run(["psql", URL + "disable"], input=STATEMENTS, text=True, check=False, capture_output=True)
                run("psql", f"host=127.0.0.1 port={PORT} user=nobody dbname=postgres sslmode=disable", "-c", "select 1")
                script = folder / "prepared.sql"
                script.write_text(PREPARED)
                script.chmod(0o644)
                bench = ["-n", "-M", "prepared", "-t", "2", "-f", str(script), "-h", "127.0.0.1", "-p", str(PORT)]
                run(str(BIN / "pgbench"), *bench, "-U", "ann", "postgres")


if __name__ == "__main__":
    main()
