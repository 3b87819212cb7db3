"""S3: uploads land in this node's folder, and clear empties that and no other (moto server, authentication on)."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import S3Clear, S3Put, Settings, VendorPolicy
from tests.vendors.conftest import FOLDER
from tests.vendors.servers.amazon import BUCKET, REGION


@pytest.fixture
def desk(office, aws):
    return office.live(Settings(endpoints={"s3": aws.url}))


def keys(aws):
    pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return [found["Key"] for page in pages for found in page.get("Contents", [])]


@pytest.fixture(autouse=True)
def empty(aws):
    yield
    for key in keys(aws):
        aws.client("s3").delete_object(Bucket=BUCKET, Key=key)


def test_a_file_arrives_and_its_url_is_answered(office, desk, here, aws):
    path = office.file("pcaps/000000000001.pcap", b"\xd4\xc3" * 100_000)
    url = desk.call(S3Put(BUCKET, path, REGION, aws.key_id, aws.access_key), here)
    assert url == f"{aws.url}/{BUCKET}/{FOLDER}/000000000001.pcap"
    stored = aws.client("s3").get_object(Bucket=BUCKET, Key=f"{FOLDER}/000000000001.pcap")
    assert stored["Body"].read() == b"\xd4\xc3" * 100_000


def test_without_keys_the_shared_configuration_is_used(office, desk, here, aws, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws.access_key)
    desk.call(S3Put(BUCKET, office.file("a.json"), REGION, "undefined", ""), here)
    assert keys(aws) == [f"{FOLDER}/a.json"]


def test_a_role_for_the_service_account_is_used(office, desk, here, aws, monkeypatch, tmp_path):
    (tmp_path / "token").write_text("a web identity token")
    monkeypatch.setenv("AWS_ROLE_ARN", aws.role)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", aws.url)
    aws.authenticate(after=1)  # asking for the role's credentials is not signed
    desk.call(S3Put(BUCKET, office.file("a.json"), REGION), here)
    assert keys(aws) == [f"{FOLDER}/a.json"]


def test_one_key_without_the_other_is_refused(office, desk, here):
    with pytest.raises(VendorError, match="s3: keyID and accessKey belong together"):
        desk.call(S3Put(BUCKET, office.file("a.json"), REGION, "AKIAXXXXXXXX", ""), here)


@pytest.mark.parametrize(
    ("key", "bucket", "says"),
    [
        ("wrong", BUCKET, "HTTP 403: SignatureDoesNotMatch"),
        ("poor", BUCKET, "HTTP 403: AccessDenied"),
        ("right", "no-such-bucket", "HTTP 404: NoSuchBucket"),
    ],
)
def test_what_s3_refuses_is_an_error(office, desk, here, aws, key, bucket, says):
    credentials = {
        "wrong": (aws.key_id, "wrong-secret-access-key"),
        "poor": (aws.poor_key_id, aws.poor_access_key),
        "right": (aws.key_id, aws.access_key),
    }
    with pytest.raises(VendorError, match=f"s3: it answered {says}"):
        desk.call(S3Put(bucket, office.file("a.json"), REGION, *credentials[key]), here)
    assert office.effects[0].status == "failed"


def test_clear_empties_this_nodes_folders_page_by_page_and_no_other(desk, here, aws, monkeypatch):
    monkeypatch.setattr("kubeshark_nb.vendors.s3.PAGE", 10)
    s3 = aws.client("s3")
    mine = [f"node-1_10.0.0.1_{run}/{n}" for run in (6, 7) for n in range(25)] + ["node-1_10.0.0.1/old.pcap"]
    others = ["node-1_10.0.0.11_7/1", "node-1_10.0.0.11/1", "node-1_10.0.0.1_b_10.0.0.2_7/1", "other"]
    for key in mine + others:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    assert desk.call(S3Clear(BUCKET, REGION, aws.key_id, aws.access_key), here) is None
    assert sorted(keys(aws)) == sorted(others)


def test_clear_needs_to_be_allowed(office, here, aws):
    aws.client("s3").put_object(Bucket=BUCKET, Key=f"{FOLDER}/a", Body=b"x")
    desk = office.live(Settings(endpoints={"s3": aws.url}), allow_clear=False)
    with pytest.raises(VendorError, match="s3: it would delete; allow it with --allow-clear"):
        desk.call(S3Clear(BUCKET, REGION, aws.key_id, aws.access_key), here)
    assert keys(aws) == [f"{FOLDER}/a"]
    assert office.effects[0].status == "refused"


@pytest.mark.parametrize(
    ("bucket", "region", "settings", "url"),
    [
        ("bkt", "us-east-1", Settings(), f"https://bkt.s3.us-east-1.amazonaws.com/{FOLDER}/a%20b.json"),
        ("my.bkt", "us-east-1", Settings(), f"https://s3.us-east-1.amazonaws.com/my.bkt/{FOLDER}/a%20b.json"),
        ("bkt", "cn-north-1", Settings(), f"https://bkt.s3.cn-north-1.amazonaws.com.cn/{FOLDER}/a%20b.json"),
        (
            "bkt",
            "eu-west-1",
            Settings(run_folder=False),
            "https://bkt.s3.eu-west-1.amazonaws.com/node-1_10.0.0.1/a%20b.json",
        ),
    ],
)
def test_a_recorded_upload_answers_the_url_it_would_get(office, here, bucket, region, settings, url):
    desk = office.desk(VendorPolicy(settings=settings))
    assert desk.call(S3Put(bucket, office.file("dir/a b.json"), region), here) == url
