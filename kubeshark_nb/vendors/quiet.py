"""Client libraries log URLs and headers, credentials included, at DEBUG: they are not asked to."""

from __future__ import annotations

import logging

CHATTY = (
    *("azure", "boto3", "botocore", "elastic_transport", "elasticsearch", "google", "httpcore", "httpcore2", "httpx"),
    *("httpx2", "influxdb_client", "openai", "requests", "s3transfer", "slack_sdk", "urllib3"),
)


def quieten() -> None:
    """Let these libraries log errors only, unless the user set a level of theirs."""
    for name in CHATTY:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.ERROR)
