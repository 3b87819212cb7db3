"""RabbitMQ with pika: a queue, confirmed messages, a consumer, get, return, a refused declaration. Needs ``pika``."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pika
from pika.exceptions import ChannelClosedByBroker, UnroutableError

from tests.captures.recording import recorded

PORT = 5699
READY_S = 60


def talk() -> None:
    connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", PORT, frame_max=8192))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.exchange_declare("shop", "topic")
    channel.queue_declare("orders", durable=True, arguments={"x-max-length": 100})
    channel.queue_bind("orders", "shop", "order.#")
    properties = pika.BasicProperties("application/json", headers={"trace": "7"}, delivery_mode=2, message_id="m1")
    for body in (b'{"id": 1}', b"", b"x" * 20_000):
        channel.basic_publish("shop", "order.new", body, properties)
    with suppress(UnroutableError):
        channel.basic_publish("shop", "nobody.listens", b"lost", mandatory=True)
    channel.basic_qos(prefetch_count=2)
    for method, _, _ in channel.consume("orders", inactivity_timeout=1):
        if method is None:
            break
        channel.basic_ack(method.delivery_tag)
    channel.cancel()
    channel.basic_get("orders")
    with suppress(ChannelClosedByBroker):
        channel.queue_declare("missing", passive=True)
    other = connection.channel()
    other.queue_delete("orders")
    connection.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        environment = {
            **os.environ,
            "RABBITMQ_NODENAME": "recorder@localhost",
            "RABBITMQ_NODE_PORT": str(PORT),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": name,
            "RABBITMQ_LOG_BASE": name,
        }
        server = subprocess.Popen(["rabbitmq-server"], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            until = time.monotonic() + READY_S
            while time.monotonic() < until and "completed" not in (server.stdout.readline() if server.stdout else ""):
                pass
            time.sleep(2)
            with recorded("amqp", PORT):
                talk()
        finally:
            subprocess.run(["rabbitmqctl", "-n", "recorder@localhost", "stop"], check=False, capture_output=True)
            server.wait()


if __name__ == "__main__":
    main()
