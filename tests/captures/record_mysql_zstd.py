"""MySQL with its own client and Zstandard, then zlib: what `record_mysql` says, and a login in several steps.

MariaDB has no Zstandard. Where MySQL is not installed but unpacked into a folder (Debian: ``mysql-server-core`` and
``mysql-client-core`` of a suite that has them, with what they need), ``MYSQL_ROOT`` names the folder.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from tests.captures.record_mysql import STATEMENTS
from tests.captures.record_mysql_compressed import MORE
from tests.captures.recording import recorded, run, running

PORT = 3397
ROOT = os.environ.get("MYSQL_ROOT", "/")
UNDER = ["chroot", ROOT]


def main() -> None:
    with tempfile.TemporaryDirectory(dir=Path(ROOT, "tmp")) as name:
        folder = Path("/", Path(name).relative_to(ROOT))
        program = [*UNDER, "mysqld", "--no-defaults", "--user=root", f"--datadir={folder / 'data'}"]
        subprocess.run([*program, "--initialize-insecure"], check=True, capture_output=True)
        places = [f"--port={PORT}", f"--socket={folder / 'socket'}", "--mysqlx=OFF", "--secure-file-priv=NULL"]
        client = [*UNDER, "mysql", "-h", "127.0.0.1", "-P", str(PORT), "--ssl-mode=DISABLED"]
        with running(*program, *places, "--bind-address=127.0.0.1", port=PORT):
            subprocess.run(["sleep", "2"], check=True)
            user = "create user ann@'%' identified by 'secret';"
            subprocess.run([*client, "-u", "root"], input=user, text=True, check=True)
            with recorded("mysql_zstd", PORT):
                root = [*client, "--compression-algorithms=zstd", "-u", "root", "-f"]
                subprocess.run(root, input=STATEMENTS + MORE, text=True, check=False, capture_output=True)
                ann = ["--get-server-public-key", "-u", "ann", "-psecret", "-e", "select 1"]
                for names in ("zlib,zstd", "zstd"):
                    run(*client, f"--compression-algorithms={names}", *ann)  # the first time in full, then from a cache


if __name__ == "__main__":
    main()
