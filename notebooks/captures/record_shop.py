"""Record `shop.pcap.gz`: twelve minutes in the life of a small web shop, with an incident in the middle.

Everything is a real program on loopback: nginx in front, three Python web services behind it, redis-server as the cart,
dnsmasq as the name server, tcpdump as the recorder. Every service has its own address in 127.0.10.0/24, named in
`shop-names.json`. From minute 5 to minute 8 the payment service is ill: slow at first, then failing.

    sudo python record_shop.py [--minutes 12] [--out shop.pcap.gz]

Needs: tcpdump, nginx, dnsmasq, redis-server (apt-get install tcpdump nginx-light dnsmasq-base redis-server).
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WEB, CATALOG, ORDERS, PAYMENTS, CART, DNS = (f"127.0.10.{n}" for n in (1, 2, 3, 4, 5, 53))
CLIENTS = {"browser": "127.0.10.101", "mobile": "127.0.10.102", "probe": "127.0.10.103"}
ZONE = {
    "web.shop.svc.cluster.local": WEB,
    "catalog.shop.svc.cluster.local": CATALOG,
    "orders.shop.svc.cluster.local": ORDERS,
    "payments.shop.svc.cluster.local": PAYMENTS,
    "cart.shop.svc.cluster.local": CART,
}
GOODS = {
    7: ("Reef shark, plush", 19.5),
    8: ("Hammer, shark handle", 24.0),
    9: ("Fin, left", 3.2),
    10: ("Fin, right", 3.3),
}
TOOLS = ("tcpdump", "nginx", "dnsmasq", "redis-server")

started = time.monotonic()


def minute() -> float:
    """Minutes since the recording began."""
    return (time.monotonic() - started) / 60


def ask_dns(name: str, source: str) -> str | None:
    """One A query from ``source`` (RFC 1035); the address, or None when the name does not exist."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    query = struct.pack(">6H", random.getrandbits(16), 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        sock.settimeout(2)
        sock.sendto(query, (DNS, 53))
        reply = sock.recv(512)
    return socket.inet_ntoa(reply[-4:]) if struct.unpack(">H", reply[6:8])[0] else None


def call(
    source: str, host: str, method: str, path: str, body: object = None, agent: str = "shop/1.4"
) -> tuple[int, bytes]:
    """One HTTP request from ``source``, after a DNS look-up like any pod would make."""
    address = ask_dns(f"{host}.shop.svc.cluster.local", source)
    link = http.client.HTTPConnection(address, 8080 if host != "web" else 80, timeout=10, source_address=(source, 0))
    headers = {"Host": f"{host}.shop", "User-Agent": agent, "Accept": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    link.request(method, path, data, headers | ({"Content-Type": "application/json"} if data else {}))
    reply = link.getresponse()
    content = reply.read()
    link.close()
    return reply.status, content


class Cart:
    """The smallest Redis client there is: one connection, one command at a time (RESP 2)."""

    def __init__(self, source: str) -> None:
        self.sock = socket.create_connection((CART, 6379), timeout=5, source_address=(source, 0))
        self.lock = threading.Lock()

    def command(self, *words: str) -> bytes:
        wire = f"*{len(words)}\r\n" + "".join(f"${len(w.encode())}\r\n{w}\r\n" for w in words)
        with self.lock:
            self.sock.sendall(wire.encode())
            return self.sock.recv(65536)


class Service(BaseHTTPRequestHandler):
    """What the three services share: HTTP/1.1 keep-alive, JSON in and out, silence on the terminal."""

    protocol_version = "HTTP/1.1"
    server_version = "shop"

    def reply(self, status: int, document: object) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def document(self) -> dict:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")

    def log_message(self, *_: object) -> None:
        """Nothing: the capture is the log."""


class Catalog(Service):
    """`/items`, `/items/<id>` and `/health`; knows four goods and nothing else."""

    def do_GET(self) -> None:
        if self.path == "/health":
            return self.reply(200, {"ok": True})
        if self.path.startswith("/items?") or self.path == "/items":
            return self.reply(200, [{"id": i, "name": n, "price": p} for i, (n, p) in GOODS.items()])
        wanted = self.path.rsplit("/", 1)[-1]
        if wanted.isdigit() and int(wanted) in GOODS:
            name, price = GOODS[int(wanted)]
            return self.reply(200, {"id": int(wanted), "name": name, "price": price})
        return self.reply(404, {"error": "no such item"})


class Orders(Service):
    """`POST /orders` asks the payment service; passes its troubles on as 502."""

    def do_POST(self) -> None:
        order = self.document()
        status, _ = call(ORDERS, "payments", "POST", "/charge", {"amount": order["amount"], "card": "•••• 4242"})
        if status == 200:
            return self.reply(201, {"order": random.randrange(10_000, 99_999), "paid": True})
        return self.reply(502, {"error": "payment failed", "status": status})

    def do_GET(self) -> None:
        self.reply(200, {"ok": True})


class Payments(Service):
    """`POST /charge`: healthy, then slow (minute 5), then failing (minute 6), then healthy again (minute 8)."""

    def do_POST(self) -> None:
        charge = self.document()
        ill = 5 <= minute() < 8
        time.sleep(random.uniform(0.6, 1.8) if ill else random.uniform(0.005, 0.04))
        if ill and minute() >= 6 and random.random() < 0.7:
            return self.reply(500, {"error": "database connection pool exhausted"})
        return self.reply(200, {"charged": charge["amount"]})

    def do_GET(self) -> None:
        self.reply(200, {"ok": not 6 <= minute() < 8})


NGINX = f"""
daemon off; pid nginx.pid; error_log stderr crit;
events {{}}
http {{
  access_log off; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  gzip on; gzip_types application/json; gzip_min_length 100; gzip_proxied any;
  upstream catalog {{ server {CATALOG}:8080; keepalive 4; }}
  upstream orders {{ server {ORDERS}:8080; keepalive 4; }}
  server {{
    listen {WEB}:80;
    proxy_bind {WEB}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Request-Id $request_id;
    location /api/items {{ proxy_pass http://catalog/items; }}
    location /api/orders {{ proxy_pass http://orders/orders; }}
    location = / {{ default_type text/html; return 200 "<!doctype html><title>Shark shop</title><h1>Shark shop</h1>"; }}
  }}
}}
"""


def customer(kind: str, until: float, seed: int) -> None:
    """Visit, look, add to the cart, order; once in a while ask for something that does not exist."""
    dice = random.Random(seed)
    source, cart = CLIENTS[kind], Cart(CLIENTS[kind])
    agent = {"browser": "Mozilla/5.0 (X11; Linux x86_64)", "mobile": "SharkShop/2.1 (iPhone)"}[kind]
    while time.monotonic() < until:
        call(source, "web", "GET", "/", agent=agent)
        call(source, "web", "GET", f"/api/items?sort={dice.choice(['price', 'name'])}", agent=agent)
        item = dice.choice([*GOODS, *GOODS, 99])
        status, content = call(source, "web", "GET", f"/api/items/{item}", agent=agent)
        if status == 200:
            price = json.loads(content)["price"]
            cart.command("HSET", f"cart:{kind}:{seed}", str(item), "1")
            if dice.random() < 0.6:
                call(source, "web", "POST", "/api/orders", {"item": item, "amount": price}, agent=agent)
                cart.command("DEL", f"cart:{kind}:{seed}")
        if dice.random() < 0.1:
            ask_dns("metrics.monitoring.svc.cluster.local", source)
        time.sleep(dice.uniform(1.0, 4.0))


def probe(until: float) -> None:
    """The kubelet's health checks, every five seconds."""
    while time.monotonic() < until:
        for host in ("catalog", "payments"):
            call(CLIENTS["probe"], host, "GET", "/health", agent="kube-probe/1.31")
        time.sleep(5)


def servers(folder: Path) -> list[subprocess.Popen[bytes]]:
    """Start the programs that are not Python; they end with us."""
    (folder / "tmp").mkdir()
    (folder / "nginx.conf").write_text(NGINX)
    hosts = [f"--address=/{name}/{address}" for name, address in ZONE.items()]
    commands = [
        [
            "redis-server",
            "--bind",
            CART,
            "--port",
            "6379",
            "--save",
            "",
            "--protected-mode",
            "no",
            "--loglevel",
            "warning",
        ],
        [
            "dnsmasq",
            "-k",
            "-C",
            "/dev/null",
            "-R",
            "-h",
            "-a",
            DNS,
            "-z",
            "--local=/cluster.local/",
            "--local-ttl=30",
            *hosts,
        ],
        ["nginx", "-p", str(folder), "-c", "nginx.conf"],
    ]
    return [subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) for command in commands]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=12)
    options.add_argument("--out", type=Path, default=Path(__file__).with_name("shop.pcap.gz"))
    args = options.parse_args()
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        sys.exit(f"missing: {', '.join(missing)}; apt-get install tcpdump nginx-light dnsmasq-base redis-server")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = folder / "shop.pcap"
        running = servers(folder)
        for address, handler in ((CATALOG, Catalog), (ORDERS, Orders), (PAYMENTS, Payments)):
            threading.Thread(target=ThreadingHTTPServer((address, 8080), handler).serve_forever, daemon=True).start()
        recorder = subprocess.Popen(
            ["tcpdump", "-Z", "root", "-q", "-i", "lo", "-U", "-w", str(raw), "net", "127.0.10.0/24"]
        )
        time.sleep(2)
        until = time.monotonic() + args.minutes * 60
        crowd = [
            threading.Thread(target=customer, args=(kind, until, seed))
            for seed, kind in enumerate(["browser", "mobile"] * 2)
        ]
        crowd.append(threading.Thread(target=probe, args=(until,)))
        for person in crowd:
            person.start()
        for person in crowd:
            person.join()
        time.sleep(1)
        recorder.send_signal(signal.SIGINT)
        recorder.wait()
        for process in running:
            process.terminate()
        args.out.write_bytes(gzip.compress(raw.read_bytes(), 9, mtime=0))
        print(f"{args.out}: {raw.stat().st_size:,} bytes of packets, {args.out.stat().st_size:,} compressed")


if __name__ == "__main__":
    main()
