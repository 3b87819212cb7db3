"""The moto server with authentication on: it checks signatures and IAM policies as Amazon does."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass

import boto3

REGION, BUCKET, STREAM = "eu-west-1", "captures", "traffic"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "kinesis:*"], "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "*"}}],
}


@dataclass
class Amazon:
    """An address, a user who may use S3 and Kinesis, and one who may nothing."""

    url: str
    key_id: str = ""
    access_key: str = ""
    poor_key_id: str = ""
    poor_access_key: str = ""
    role: str = ""

    def authenticate(self, after: int = 0) -> None:
        """Check signatures and policies, but for the next ``after`` requests: moto cannot tell which need none."""
        url, head = f"{self.url}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        request = urllib.request.Request(url, data=str(after).encode(), headers=head, method="POST")
        urllib.request.urlopen(request, timeout=5).close()

    def client(self, service: str):
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=self.key_id or "setup",
            aws_secret_access_key=self.access_key or "setup",
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running():
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            amazon = Amazon(f"http://127.0.0.1:{port}")
            answers(amazon.url)
            prepare(amazon)
            yield amazon
        finally:
            process.kill()


def answers(url: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError("moto server")


def prepare(amazon: Amazon) -> None:
    """A bucket, a stream, two users; then real authentication from here on."""
    amazon.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    amazon.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    iam = amazon.client("iam")
    iam.create_user(UserName="rich")
    iam.put_user_policy(UserName="rich", PolicyName="all", PolicyDocument=json.dumps(POLICY))
    iam.create_user(UserName="poor")
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=json.dumps(POLICY))
    amazon.role = role["Role"]["Arn"]
    poor = iam.create_access_key(UserName="poor")["AccessKey"]
    rich = iam.create_access_key(UserName="rich")["AccessKey"]
    amazon.key_id, amazon.access_key = rich["AccessKeyId"], rich["SecretAccessKey"]
    amazon.poor_key_id, amazon.poor_access_key = poor["AccessKeyId"], poor["SecretAccessKey"]
    amazon.authenticate()
