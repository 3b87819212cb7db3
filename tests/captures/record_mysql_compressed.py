"""MariaDB with its own client and zlib: what `record_mysql` says, a long statement, a long row, other logins."""

from __future__ import annotations

import subprocess

from tests.captures.record_mysql import STATEMENTS, mariadb
from tests.captures.recording import recorded, run

PORT = 3398
LONG = "".join(f"{number * number:x} " for number in range(4_000))  # longer than a frame usually is
MORE = f"select length('{LONG}');\nselect repeat('all the same ', 20000);\nselect 'short';\n"


def main() -> None:
    with mariadb(PORT) as client:
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
