"""MariaDB with its own client and zlib: what `record_mysql` says, a long statement, a long row, other logins."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.captures.record_mysql import STATEMENTS
from tests.captures.recording import recorded, run, running

PORT = 3398
LONG = "".join(f"{number * number:x} " for number in range(4_000))  # longer than a frame usually is
MORE = f"select length('{LONG}');\nselect repeat('all the same ', 20000);\nselect 'short';\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.chown(folder, "mysql")
        data = f"--datadir={folder / 'data'}"
        init = ["mariadb-install-db", "--user=mysql", data, "--auth-root-authentication-method=normal"]
        subprocess.run(init, check=True, capture_output=True)
        server = [data, "--user=mysql", f"--port={PORT}", f"--socket={folder / 'socket'}", "--bind-address=127.0.0.1"]
        client = ["mariadb", "-h", "127.0.0.1", "-P", str(PORT), "--skip-ssl"]
        with running("mariadbd", "--no-defaults", *server, port=PORT):
            subprocess.run(["sleep", "2"], check=True)
            user = "create user ann@localhost identified via mysql_native_password using password('secret');"
            subprocess.run([*client, "-u", "root"], input=user, text=True, check=True)
            with recorded("mysql_compressed", PORT):
                root = [*client, "--compress", "-u", "root", "-f"]
                subprocess.run(root, input=STATEMENTS + MORE, text=True, check=False, capture_output=True)
                switched = ["--default-auth=mysql_clear_password", "-u", "ann", "-psecret", "-e", "select 1"]
                run(*client, "--compress", *switched)  # the server asks for another way to log in: two more packets
                run(*client, "--compress", "-u", "nobody", "-pwrong", "-e", "select 1")


if __name__ == "__main__":
    main()
