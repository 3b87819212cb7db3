"""Names under which secrets travel, and how they look inside a URL."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from kubeshark_nb.kfl.redact import REDACTED

_HEADER_NAMES = """
authorization proxy-authorization authentication cookie set-cookie cookie2 set-cookie2 api-key apikey
x-api-key x-api-token x-auth x-auth-key x-auth-token x-access-token x-id-token x-refresh-token x-session-token
x-token x-user-token x-csrf-token x-xsrf-token csrf-token x-amz-security-token x-goog-api-key
x-goog-iam-authorization-token x-vault-token x-consul-token x-gitlab-token private-token job-token
deploy-token x-github-token x-hub-signature x-hub-signature-256 x-slack-signature x-twilio-signature
x-shopify-access-token x-functions-key x-ms-authorization-auxiliary ocp-apim-subscription-key
x-forwarded-access-token x-forwarded-authorization x-original-authorization x-amzn-oidc-data
x-amzn-oidc-accesstoken x-goog-iap-jwt-assertion x-jwt-assertion cf-access-jwt-assertion x-client-secret dpop
sec-websocket-key
"""
SECRET_HEADERS = frozenset(_HEADER_NAMES.split())
_KEY_NAMES = """
token access-token refresh-token id-token auth-token session-token csrf-token auth authorization key api-key
apikey app-key access-key secret secret-key client-secret shared-secret password passwd passphrase pass pwd
pin otp code sig signature x-amz-signature x-amz-credential x-amz-security-token x-goog-signature
x-goog-credential session session-id sessionid sid jsessionid phpsessid jwt assertion saml-response
samlresponse credential credentials private-key ticket nonce state
"""
SECRET_KEYS = frozenset(_KEY_NAMES.split())
URLS = frozenset({"location", "referer", "referrer", "content-location", "origin", "link", "refresh", ":path"})

_ALTERNATIVES = "|".join(sorted(key.replace("-", "[-_]?") for key in SECRET_KEYS))
# RE2 reads it too: no look-around.
URL_SECRET = rf"(?i)((?:^|[?&;#])(?:{_ALTERNATIVES})=)[^&#;\s]+"
USER_INFO = r"(//)[^/@\s?#]+@"
_URL_SECRET = re.compile(URL_SECRET)
_USER_INFO = re.compile(USER_INFO)

# Redis commands whose arguments are or may be credentials; the first one is also what the summary column shows.
REDIS_SECRETS = ("AUTH", "HELLO", "ACL", "CONFIG", "MIGRATE")


@lru_cache(maxsize=4096)  # the same few names come with every item
def plain(name: str) -> str:
    """``name`` as it stands in `SECRET_HEADERS` and `SECRET_KEYS`."""
    return name.lower().replace("_", "-")


def scrubbed(url: Any) -> Any:
    """``url`` without the values of secret parameters and without credentials before the host."""
    if not isinstance(url, str):
        return url
    return _USER_INFO.sub(rf"\1{REDACTED}@", _URL_SECRET.sub(rf"\1{REDACTED}", url))
