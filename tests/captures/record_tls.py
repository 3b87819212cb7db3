"""openssl s_server with curl and a key log: TLS 1.0 to 1.3, each way of protecting records."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.captures.recording import FOLDER, recorded, run, running

PORT = 8443
URL = f"https://shop.test:{PORT}/cart.json"
SUITES = (
    ("--tlsv1.3", "--tls13-ciphers", "TLS_AES_256_GCM_SHA384"),
    ("--tlsv1.3", "--tls13-ciphers", "TLS_CHACHA20_POLY1305_SHA256"),
    ("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES256-SHA384"),
    ("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-SHA"),
    ("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-CCM8"),
    ("--tls-max", "1.1", "--ciphers", "ECDHE-ECDSA-AES128-SHA@SECLEVEL=0"),
    ("--tls-max", "1.0", "--ciphers", "ECDHE-ECDSA-AES256-SHA@SECLEVEL=0"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "cart.json").write_text('{"cart": ["apple", "pear"]}')
        new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
        files = ("-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem")
        run("openssl", *new, "-subj", "/CN=shop.test", *files)
        keys = FOLDER / "tls.keylog"
        keys.unlink(missing_ok=True)
        server = (
            "openssl",
            "s_server",
            "-accept",
            str(PORT),
            "-WWW",
            "-keylogfile",
            str(keys),
            "-cipher",
            "ALL:@SECLEVEL=0",
        )
        certificate = ("-cert", f"{folder}/cert.pem", "-key", f"{folder}/key.pem")
        with running(*server, *certificate, port=PORT, cwd=root), recorded("tls", PORT):
            for suite in SUITES:
                run("curl", "-sk", "--connect-to", f"shop.test:{PORT}:127.0.0.1:{PORT}", "--tlsv1.0", *suite, URL)


if __name__ == "__main__":
    main()
