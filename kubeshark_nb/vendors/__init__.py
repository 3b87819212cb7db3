"""What helpers call: one file per service; no JavaScript, no session.

A helper builds a call and hands it to the node's desk, which records it or sends it::

    desk = VendorDesk(node, folder, policy=policy, secrets=secrets, record=sink.effect)
    answer = desk.call(SlackWebhook(url, "Alert", text, "#ff0000"), CallContext(time=now, script="alerts.js", line=3))
"""

from kubeshark_nb.vendors.azure import AzurePut
from kubeshark_nb.vendors.call import Call
from kubeshark_nb.vendors.chatgpt import Prompt
from kubeshark_nb.vendors.context import CallContext
from kubeshark_nb.vendors.desk import VendorDesk
from kubeshark_nb.vendors.elastic import Elastic
from kubeshark_nb.vendors.gcs import GcsClear, GcsPut
from kubeshark_nb.vendors.influx import Influx
from kubeshark_nb.vendors.kinesis import KinesisPut
from kubeshark_nb.vendors.lookup import looked_up
from kubeshark_nb.vendors.policy import SERVICES, Failure, VendorPolicy
from kubeshark_nb.vendors.s3 import S3Clear, S3Put
from kubeshark_nb.vendors.secrets import Secrets
from kubeshark_nb.vendors.sentiment import sentiment
from kubeshark_nb.vendors.settings import Settings
from kubeshark_nb.vendors.slack import SlackBot, SlackWebhook
from kubeshark_nb.vendors.webhook import Webhook, WebhookForm

__all__ = [
    "SERVICES",
    "AzurePut",
    "Call",
    "CallContext",
    "Elastic",
    "Failure",
    "GcsClear",
    "GcsPut",
    "Influx",
    "KinesisPut",
    "Prompt",
    "S3Clear",
    "S3Put",
    "Secrets",
    "Settings",
    "SlackBot",
    "SlackWebhook",
    "VendorDesk",
    "VendorPolicy",
    "Webhook",
    "WebhookForm",
    "looked_up",
    "sentiment",
]
