"""librdkafka with its mock cluster: messages in every codec, a consumer. Needs ``confluent-kafka``."""

from __future__ import annotations

from confluent_kafka import Consumer, Producer

from tests.captures.recording import recorded, wait_for

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def main() -> None:
    cluster = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": "1", "client.id": "cluster"})
    brokers = next(iter(cluster.list_topics(timeout=10).brokers.values()))
    port = brokers.port
    wait_for(port)
    address = {"bootstrap.servers": f"127.0.0.1:{port}"}
    with recorded("kafka", port):
        for codec in CODECS:
            producer = Producer({**address, "client.id": f"with-{codec}", "compression.type": codec, "linger.ms": 100})
            for number in range(3):
                value = f"order {number} {codec} " * 30
                producer.produce("orders", value, f"key-{number}", headers={"codec": codec}, partition=0)
            producer.flush(10)
        consumer = Consumer({**address, "client.id": "reader", "group.id": "all", "auto.offset.reset": "earliest"})
        consumer.subscribe(["orders"])
        read = 0
        for _ in range(40):
            read += len(consumer.consume(15, 0.5))
            if read >= 3 * len(CODECS):
                break
        consumer.close()


if __name__ == "__main__":
    main()
