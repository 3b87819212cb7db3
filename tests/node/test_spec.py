"""What crosses to a node, and how it names itself."""

import pytest

from kubeshark_nb.node.spec import CaptureSpec


@pytest.mark.parametrize(
    ("spec", "label"),
    [
        (CaptureSpec(hub="ws://ann:s3cret@hub:8898/ws?token=s3cret"), "ws://•••@hub:8898/ws?•••"),
        (CaptureSpec(files=("https://b.s3.test/a.pcap?X-Signature=s3cret&a=b",)), "https://b.s3.test/a.pcap?•••"),
        (CaptureSpec(files=("what?.pcap", "a@b.pcap")), "what?.pcap, a@b.pcap"),
        (CaptureSpec(live="eth0"), "eth0"),
        (CaptureSpec(), "no capture"),
    ],
)
def test_a_label_is_what_the_user_typed_without_secrets_of_a_url(spec, label):
    assert spec.label == label
