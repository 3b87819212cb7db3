"""Operations of LDAP -> the members of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.dissectors.ldap_filter import filter_text

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.ber import Element

APPLICATION = 0x1F  # the operation's number in its tag
OPERATIONS = {
    0x60: "Bind Request", 0x61: "Bind Response", 0x42: "Unbind Request", 0x63: "Search Request",
    0x64: "Search Result Entry", 0x65: "Search Result Done", 0x73: "Search Result Reference",
    0x66: "Modify Request", 0x67: "Modify Response", 0x68: "Add Request", 0x69: "Add Response",
    0x4A: "Delete Request", 0x6B: "Delete Response", 0x6C: "Modify DN Request", 0x6D: "Modify DN Response",
    0x6E: "Compare Request", 0x6F: "Compare Response", 0x50: "Abandon Request", 0x77: "Extended Request",
    0x78: "Extended Response", 0x79: "Intermediate Response",
}  # fmt: skip
BIND, UNBIND, SEARCH, DONE, ENTRY, REFERENCE, ABANDON, EXTENDED, INTERMEDIATE, DELETE = (
    0x60, 0x42, 0x63, 0x65, 0x64, 0x73, 0x50, 0x77, 0x79, 0x4A,
)  # fmt: skip
SCOPES = ("base", "one", "sub", "subordinates")
# RFC 4511, appendix A.1
RESULTS = {
    0: "success", 1: "operationsError", 2: "protocolError", 3: "timeLimitExceeded", 4: "sizeLimitExceeded",
    5: "compareFalse", 6: "compareTrue", 7: "authMethodNotSupported", 8: "strongerAuthRequired", 10: "referral",
    11: "adminLimitExceeded", 12: "unavailableCriticalExtension", 13: "confidentialityRequired",
    14: "saslBindInProgress", 16: "noSuchAttribute", 17: "undefinedAttributeType", 18: "inappropriateMatching",
    19: "constraintViolation", 20: "attributeOrValueExists", 21: "invalidAttributeSyntax", 32: "noSuchObject",
    33: "aliasProblem", 34: "invalidDNSyntax", 36: "aliasDereferencingProblem", 48: "inappropriateAuthentication",
    49: "invalidCredentials", 50: "insufficientAccessRights", 51: "busy", 52: "unavailable", 53: "unwillingToPerform",
    54: "loopDetect", 64: "namingViolation", 65: "objectClassViolation", 66: "notAllowedOnNonLeaf",
    67: "notAllowedOnRDN", 68: "entryAlreadyExists", 69: "objectClassModsProhibited", 71: "affectsMultipleDSAs",
    80: "other", 118: "canceled", 119: "noSuchOperation", 120: "tooLate", 121: "cannotCancel",
}  # fmt: skip


def request_document(number: int, operation: Element) -> dict[str, Any]:
    """The item's request."""
    document: dict[str, Any] = {"type": OPERATIONS[operation.tag], "messageId": number, "dn": ""}
    tag = operation.tag
    if tag == DELETE:
        return {**document, "dn": operation.text}
    if tag in (UNBIND, ABANDON):
        return document
    parts = operation.elements()
    if tag == BIND and len(parts) > 2:  # noqa: PLR2004 - version, name, authentication
        return {
            **document,
            "version": parts[0].number,
            "dn": parts[1].text,
            "authentication": _authentication(parts[2]),
        }
    if tag == SEARCH and len(parts) > 7:  # noqa: PLR2004 - eight members
        scope = parts[1].number
        return {
            **document,
            "dn": parts[0].text,
            "scope": SCOPES[scope] if 0 <= scope < len(SCOPES) else str(scope),
            "filter": filter_text(parts[6]),
            "attributes": [one.text for one in parts[7].elements()],
        }
    if tag == EXTENDED:
        return {**document, "oid": parts[0].text if parts else ""}
    return {**document, "dn": parts[0].text if parts else ""}


def _authentication(element: Element) -> str:
    """``simple``, or the mechanism of SASL; never what is said to be true by it."""
    if element.tag & APPLICATION == 0:
        return "simple"
    mechanism = [one.text for one in element.elements()[:1]] if element.tag & 0x20 else []
    return mechanism[0] if mechanism else "other"


def response_document(number: int, operation: Element, found: dict[str, Any]) -> dict[str, Any]:
    """The item's response; ``found`` is what a search gave before."""
    parts = operation.elements()
    code = parts[0].number if parts else -1
    document: dict[str, Any] = {
        "type": OPERATIONS[operation.tag],
        "messageId": number,
        "resultCode": code,
        "result": RESULTS.get(code, str(code)),
        "matchedDn": parts[1].text if len(parts) > 1 else "",
        "message": parts[2].text if len(parts) > 2 else "",  # noqa: PLR2004 - the third member
    }
    if found or operation.tag == DONE:
        document |= {"entries": 0, "references": 0, "intermediate": 0, "names": []} | found
    return document
