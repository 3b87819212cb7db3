"""How both Amazon services get their client: one way to pass keys, time-outs and trust (boto3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.call import given
from kubeshark_nb.vendors.tls import verify

if TYPE_CHECKING:
    from kubeshark_nb.vendors.context import Surroundings
    from kubeshark_nb.vendors.settings import Settings


def check_keys(key_id: str, access_key: str) -> None:
    """Raise VendorError when only one of them is given: boto3 would quietly mix it with the shared configuration."""
    if given(key_id) != given(access_key):
        raise VendorError("keyID and accessKey belong together; leave out both for the shared configuration")


def client(service: str, region: str, key_id: str, access_key: str, here: Surroundings) -> Any:
    """The boto3 client of ``service``. Without keys: environment, profile, IRSA or instance role."""
    keys = (key_id, access_key) if given(key_id) else (None, None)
    return here.clients.get(_client, service, region, *keys, here.settings)


def _client(service: str, region: str, key_id: str | None, access_key: str | None, settings: Settings) -> Any:
    from boto3.session import Session
    from botocore.config import Config

    config = Config(
        connect_timeout=settings.connect_s,
        read_timeout=settings.read_s,
        retries={"mode": "standard", "total_max_attempts": 1},
        request_checksum_calculation="when_required",  # what speaks like S3 often knows no newer checksums
        response_checksum_validation="when_required",
    )
    return Session().client(
        service,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=access_key,
        endpoint_url=settings.endpoints.get(service),
        verify=verify(settings),
        config=config,
    )
