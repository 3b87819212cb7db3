"""Azure: a signed blob arrives, by account key or connection string."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import AzurePut, Settings
from tests.vendors.conftest import FOLDER
from tests.vendors.servers.azure import ACCOUNT, KEY, Azure


@pytest.fixture
def azure(server):
    return Azure().serve(server)


def test_a_blob_arrives_and_its_url_is_answered(office, here, server, azure):
    base = server.url_for("").rstrip("/")
    desk = office.live(Settings(endpoints={"azure": base}))
    url = desk.call(AzurePut("captures", office.file("a.pcap", b"\xd4\xc3"), ACCOUNT, KEY), here)
    assert url == f"{base}/captures/{FOLDER}/a.pcap"
    assert azure.blobs == {f"/captures/{FOLDER}/a.pcap": b"\xd4\xc3"}


def test_a_connection_string_says_it_all(office, here, server, azure):
    base = server.url_for("").rstrip("/")
    connection = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={base};"
    office.live().call(AzurePut("captures", office.file("a.pcap"), "", "", connection), here)
    assert list(azure.blobs) == [f"/captures/{FOLDER}/a.pcap"]
    assert KEY not in str(office.effects)


@pytest.mark.parametrize(
    ("container", "key", "says"),
    [("captures", "d3JvbmcgYWNjb3VudCBrZXk=", "HTTP 403"), ("elsewhere", KEY, "HTTP 404")],
)
def test_what_azure_refuses_is_an_error(office, here, server, azure, container, key, says):
    desk = office.live(Settings(endpoints={"azure": server.url_for("").rstrip("/")}))
    with pytest.raises(VendorError, match=f"azure: it answered {says}"):
        desk.call(AzurePut(container, office.file("a.pcap"), ACCOUNT, key), here)


def test_a_recorded_upload_answers_the_public_url(office, here):
    url = office.desk().call(AzurePut("captures", office.file("a.pcap"), ACCOUNT), here)
    assert url == f"https://{ACCOUNT}.blob.core.windows.net/captures/{FOLDER}/a.pcap"
