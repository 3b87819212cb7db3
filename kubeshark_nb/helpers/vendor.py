"""``vendor.*`` and ``chatgpt.*``: arguments in whichever order a page documents them, then the one door to services.

Nothing is sent here: `VendorDesk` records, sends or refuses, and answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.helpers.namespace import HelperError
from kubeshark_nb.helpers.values import text, texts
from kubeshark_nb.vendors.azure import AzurePut
from kubeshark_nb.vendors.chatgpt import Prompt
from kubeshark_nb.vendors.context import CallContext
from kubeshark_nb.vendors.elastic import Elastic
from kubeshark_nb.vendors.gcs import GcsClear, GcsPut
from kubeshark_nb.vendors.influx import Influx
from kubeshark_nb.vendors.kinesis import KinesisPut
from kubeshark_nb.vendors.s3 import S3Clear, S3Put
from kubeshark_nb.vendors.sentiment import sentiment
from kubeshark_nb.vendors.slack import SlackBot, SlackWebhook
from kubeshark_nb.vendors.webhook import Webhook, WebhookForm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubeshark_nb.helpers.folder import Folder
    from kubeshark_nb.helpers.namespace import Exports
    from kubeshark_nb.runtime.pump import Where
    from kubeshark_nb.vendors.call import Call
    from kubeshark_nb.vendors.desk import VendorDesk

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
KEY_ID = re.compile(r"(AKIA|ASIA)[A-Z0-9]*")
MAX_TOKENS = 1024
WEBHOOK_ARGUMENTS = 4
INFLUX_TAGGED = 7


class Counter:
    """Where scripts hand over their calls: adds the place they come from.

    Args:
        desk: the node's.
        where: who calls, and when.
        log: writes a console line in the name of the caller.
        waited: told when a call may have taken its time, which is not the script's.
    """

    def __init__(
        self, desk: VendorDesk, where: Callable[[], Where], log: Callable[[str], None], waited: Callable[[], None]
    ) -> None:
        self._desk = desk
        self._where = where
        self._log = log
        self._waited = waited

    def call(self, call: Call, helper: str = "", *, sent: str = "") -> Any:
        """The answer; ``sent`` is the console line Kubeshark writes once it is sent. Raises VendorError."""
        here = self._where()
        before = self._desk.counts["sent"]
        try:
            answer = self._desk.call(
                call, CallContext(here.time, here.name, here.line, here.hook, here.item), helper=helper
            )
        finally:
            self._waited()
        if sent and self._desk.counts["sent"] > before:
            self._log(sent)
        return answer

    def say(self, line: str) -> None:
        """A console line in the name of the caller."""
        self._log(line)


class Vendor:
    """The namespace ``vendor``.

    Args:
        counter: takes the calls.
        folder: tells files from bucket names.
        env: of the script that calls, for the order of InfluxDB's arguments.
        owner: ``<NODE_NAME>_<NODE_IP>``, what upload folders begin with.
    """

    name = "vendor"
    javascript = ""

    def __init__(
        self, counter: Counter, folder: Folder, env: Callable[[], Mapping[str, Any]], owner: str, run_id: int
    ) -> None:
        self._counter = counter
        self._folder = folder
        self._env = env
        self._owner = owner
        self._run_id = run_id
        self._guessed = False

    def exports(self) -> Exports:
        """See the module."""
        return {
            "webhook": ("sst*", self.webhook),
            "webhookForm": ("sso", self.webhook_form),
            "slack": ("*", self.slack),
            "slackBot": ("sssssoo", self.slack_bot),
            "influxdb": ("*", self.influxdb),
            "elastic": ("ssoSSSSSS", self.elastic),
            "s3.put": ("*", self.s3_put),
            "s3.clear": ("*", self.s3_clear),
            "gcs.put": ("*", self.gcs_put),
            "gcs.clear": ("*", self.gcs_clear),
            "azure.put": ("ssSSS", self.azure_put),
            "kinesis.put": ("stsSS", self.kinesis_put),
        }

    def webhook(self, method: str, url: str, body: str, headers: Any = None) -> str:
        """One HTTP request; the response body. Objects as body are sent as JSON."""
        return str(self._counter.call(Webhook(method, url, body, texts(headers))) or "")

    def webhook_form(self, method: str, url: str, form: Any) -> str:
        """One HTTP request with a multipart form; the response body."""
        return str(self._counter.call(WebhookForm(method, url, texts(form))) or "")

    def slack(self, *given: Any) -> None:
        """``(webhookUrl, pretext, text, color)``, or the older ``(token, channelID, pretext, text, color)``."""
        values = [text(value) for value in given]
        if len(values) == WEBHOOK_ARGUMENTS or (values and values[0].startswith(("http://", "https://"))):
            self._counter.call(SlackWebhook(*padded(values, 4)))
        else:
            self._bot(padded(values, 5), {}, {}, "vendor.slack")

    def slack_bot(self, *given: Any) -> None:
        """``(token, channelID, pretext, text, color, fields?, files?)``."""
        *values, fields, files = given
        self._bot(list(values), texts(fields), texts(files), "vendor.slackBot")

    def influxdb(self, *given: Any) -> None:
        """``(url, token, organization, bucket, measurement, data, tags?)``, or the older order, measurement third."""
        if len(given) < INFLUX_TAGGED - 1:
            raise HelperError("vendor.influxdb needs url, token, organization, bucket, measurement and data")
        url, token, a, b, c = (text(value) for value in given[:5])
        data, tags = _object(given[5], "data"), given[6] if len(given) >= INFLUX_TAGGED else None
        if self._influx_is_old(a, b, c, tags):
            a, b, c = b, c, a
        self._counter.call(Influx(url, token, a, b, c, data, tags if isinstance(tags, dict) else {}))

    def elastic(self, url: str, index: str, data: Any, *rest: str | None) -> str:
        """``(url, index, data, username?, password?, cloudID?, apiKey?, serviceToken?, certificateFingerprint?)``."""
        answer = self._counter.call(Elastic(url, index, _object(data, "data"), *(value or "" for value in rest)))
        return str(answer or "")

    def s3_put(self, *given: Any) -> str:
        """``(bucket, path, region, keyID?, accessKey?)``, or the older ``(region, keyID, accessKey, bucket, path)``."""
        if len(given) > 2 and isinstance(given[2], dict):  # noqa: PLR2004 - the page's example of gcs.put
            return self.gcs_put(*given)
        values = padded([text(value) for value in given], 5)
        if self._s3_is_old(values, len(given)):
            region, key_id, access_key, bucket, path = values
        else:
            bucket, path, region, key_id, access_key = values
        call = S3Put(bucket, self._at_hand(path), region, key_id, access_key)
        line = f"Uploaded {self._key(path)} file to AWS S3 bucket: {bucket}"
        return str(self._counter.call(call, sent=line) or "")

    def s3_clear(self, *given: Any) -> None:
        """``(region, keyID, accessKey, bucket)``; also ``(bucket, region, keyID?, accessKey?)``."""
        values = padded([text(value) for value in given], 4)
        if REGION.fullmatch(values[1]) and not REGION.fullmatch(values[0]):
            bucket, region, key_id, access_key = values
        else:
            region, key_id, access_key, bucket = values
        line = f"Deleted all files under {self._owner} in AWS S3 bucket: {bucket}"
        self._counter.call(S3Clear(bucket, region, key_id, access_key), sent=line)

    def gcs_put(self, *given: Any) -> str:
        """``(bucket, path, saKeyObj)``."""
        bucket, path = padded([text(value) for value in given[:2]], 2)
        key = given[2] if len(given) > 2 and isinstance(given[2], dict) else {}  # noqa: PLR2004 - the third argument
        line = f"Uploaded {self._key(path)} file to GCS bucket: {bucket}"
        return str(self._counter.call(GcsPut(bucket, self._at_hand(path), key), sent=line) or "")

    def gcs_clear(self, *given: Any) -> None:
        """``(bucket, saKeyObj)``, with or without something between; four texts are an S3 clear."""
        keys = [value for value in given if isinstance(value, dict)]
        if not keys and len(given) == WEBHOOK_ARGUMENTS:
            self.s3_clear(*given)
            return
        bucket = next((text(value) for value in given if isinstance(value, str)), "undefined")
        line = f"Deleted all files under {self._owner} in GCS bucket: {bucket}"
        self._counter.call(GcsClear(bucket, keys[-1] if keys else {}), sent=line)

    def azure_put(self, container: str, path: str, *rest: str | None) -> str:
        """``(container, path, accountName?, accountKey?, connectionString?)``; the URL."""
        line = f"Uploaded {self._key(path)} file to Azure Blob container: {container}"
        call = AzurePut(container, self._at_hand(path), *(value or "" for value in rest))
        answer = self._counter.call(call, sent=line)
        return str(answer or "")

    def kinesis_put(self, stream: str, payload: str, region: str, key_id: str | None, access_key: str | None) -> Any:
        """``(stream, payload, region, keyID, accessKey)``; sequence number and shard."""
        return self._counter.call(KinesisPut(stream, payload, region, key_id or "", access_key or ""))

    # ---- which order ----

    def _bot(self, values: list[str], fields: Mapping[str, str], files: Mapping[str, str], helper: str) -> None:
        token, channel, pretext, body, color = values
        files = {name: self._at_hand(path) for name, path in files.items()}
        call = SlackBot(token, channel, pretext, body, color, fields, files)
        self._counter.call(call, helper, sent=f"Message sent to Slack channel: {channel}")

    def _influx_is_old(self, third: str, fourth: str, fifth: str, tags: Any) -> bool:
        """Whether the measurement comes third; tags exist in the newer order only."""
        if isinstance(tags, dict):
            return False
        env = self._env()
        known = (
            str(env.get("INFLUXDB_ORGANIZATION") or env.get("INFLUXDB_ORG") or ""),
            str(env.get("INFLUXDB_BUCKET") or ""),
        )
        if all(known) and known == (fourth, fifth) and known != (third, fourth):
            return True
        if not (all(known) and known == (third, fourth)) and not self._guessed:
            self._guessed = True
            self._counter.say(
                "vendor.influxdb: arguments taken as (url, token, organization, bucket, measurement, data)"
            )
        return False

    def _s3_is_old(self, values: list[str], given: int) -> bool:
        """FACTS b.2: which of the two orders five texts are; the newer one when nothing tells."""
        if given < 5:  # noqa: PLR2004 - the older order always has five
            return False
        signs = (
            (self._is_file(values[4]), self._is_file(values[1])),
            (bool(REGION.fullmatch(values[0])), bool(REGION.fullmatch(values[2]))),
            (bool(KEY_ID.fullmatch(values[1])), bool(KEY_ID.fullmatch(values[3]))),
        )
        return next((old for old, new in signs if old != new), False)

    def _at_hand(self, path: str) -> str:
        """``path``; a captured stream's file is written now, because it is about to be read."""
        self._is_file(path)
        return path

    def _is_file(self, path: str) -> bool:
        try:
            return self._folder.existing(path).is_file()
        except HelperError:
            return False

    def _key(self, path: str) -> str:
        return f"{self._owner}_{self._run_id}/{path.rsplit('/', 1)[-1]}"


class ChatGPT:
    """The namespace ``chatgpt``."""

    name = "chatgpt"
    javascript = ""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def exports(self) -> Exports:
        """See the module."""
        return {"prompt": ("ssn", self.prompt), "sentiment": ("s", sentiment)}

    def prompt(self, api_key: str, prompt: str, max_tokens: float | None) -> str:
        """The model's answer."""
        tokens = int(max_tokens) if max_tokens and max_tokens > 0 else MAX_TOKENS
        return str(self._counter.call(Prompt(api_key, prompt, tokens)) or "")


def padded(values: list[str], length: int) -> list[str]:
    """Exactly ``length`` texts: what is missing is empty."""
    return (values + [""] * length)[:length]


def _object(value: Any, name: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise HelperError(f"{name} must be an object, not {orjson.dumps(value).decode()[:40]}")
