"""MariaDB inside TLS: PyMySQL with 1.3 and 1.2, MySQL's connector with zlib as well, MariaDB's own client without keys.

Run it with a Python that has ``pymysql`` and ``mysql-connector-python``.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
from contextlib import closing, suppress

import mysql.connector
import pymysql

from tests.captures.record_mysql import mariadb
from tests.captures.record_mysql_compressed import LONG
from tests.captures.recording import FOLDER, certificate, recorded, run

PORT = 3396
KEYS = FOLDER / "mysql_tls.keylog"
STATEMENTS = (
    "create database if not exists shop",
    "use shop",
    "create or replace table orders (id int primary key, what text)",
    "insert into orders values (1, 'tea'), (2, 'café')",
    "commit",
    "select * from orders",
    "selekt 1",
)


def ask(version: ssl.TLSVersion, **login: str) -> None:
    """What PyMySQL does with a version of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode, context.keylog_filename = False, ssl.CERT_NONE, str(KEYS)
    context.minimum_version = context.maximum_version = version
    with pymysql.connect(host="127.0.0.1", port=PORT, ssl=context, **login) as client, client.cursor() as cursor:
        for statement in STATEMENTS:
            with suppress(pymysql.Error):
                cursor.execute(statement)


def ask_compressed(**login: str) -> None:
    """What the connector does; it takes the key log from the environment."""
    options = {"use_pure": True, "compress": True, "auth_plugin": "mysql_clear_password", **login}
    with closing(mysql.connector.connect(host="127.0.0.1", port=PORT, database="shop", **options)) as client:
        with client.cursor(prepared=True) as cursor:
            cursor.execute("select what from orders where id = ?", (2,))
            cursor.fetchall()
        with client.cursor() as cursor:
            for statement in (f"select length('{LONG}')", "select repeat('all the same ', 20000)", "select 'short'"):
                cursor.execute(statement)
                cursor.fetchall()


def main() -> None:
    KEYS.unlink(missing_ok=True)
    os.environ["SSLKEYLOGFILE"] = str(KEYS)
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder)
        for path in (folder, f"{folder}/key.pem"):
            shutil.chown(path, "mysql")
        with mariadb(PORT, f"--ssl-cert={folder}/cert.pem", f"--ssl-key={folder}/key.pem") as client:
            user = "create user ann@localhost identified via mysql_native_password using password('secret');"
            grant = "grant all on *.* to ann@localhost;"
            subprocess.run([*client, "-u", "root"], input=user + grant, text=True, check=True)
            with recorded("mysql_tls", PORT):
                for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
                    ask(version, user="ann", password="secret")
                ask_compressed(user="ann", password="secret")
                with suppress(pymysql.Error):
                    ask(ssl.TLSVersion.TLSv1_3, user="nobody", password="wrong")
                run(*client, "--ssl", "-u", "ann", "-psecret", "-e", "select 'nobody has the keys'")


if __name__ == "__main__":
    main()
