"""Commands, applications and results of Diameter (https://www.iana.org/assignments/aaa-parameters)."""

from __future__ import annotations

COMMANDS = {
    257: "Capabilities-Exchange", 258: "Re-Auth", 260: "AA-Mobile-Node", 262: "Home-Agent-MIP", 265: "AA",
    268: "Diameter-EAP", 271: "Accounting", 272: "Credit-Control", 274: "Abort-Session", 275: "Session-Termination",
    280: "Device-Watchdog", 282: "Disconnect-Peer", 283: "User-Authorization-SIP", 284: "Server-Assignment-SIP",
    285: "Location-Info-SIP", 286: "Multimedia-Auth-SIP", 287: "Registration-Termination-SIP", 288: "Push-Profile-SIP",
    300: "User-Authorization", 301: "Server-Assignment", 302: "Location-Info", 303: "Multimedia-Auth",
    304: "Registration-Termination", 305: "Push-Profile", 306: "User-Data", 307: "Profile-Update",
    308: "Subscribe-Notifications", 309: "Push-Notification", 310: "Bootstrapping-Info", 311: "Message-Process",
    316: "Update-Location", 317: "Cancel-Location", 318: "Authentication-Information", 319: "Insert-Subscriber-Data",
    320: "Delete-Subscriber-Data", 321: "Purge-UE", 322: "Reset", 323: "Notify", 324: "ME-Identity-Check",
    8388620: "Provide-Location", 8388621: "Location-Report", 8388622: "LCS-Routing-Info",
    8388635: "Spending-Limit", 8388636: "Spending-Status-Notification", 8388637: "Sponsored-Connectivity",
    8388726: "Connection-Management",
}  # fmt: skip
APPLICATIONS = {
    0: "Diameter Common Messages", 1: "NASREQ", 2: "Mobile IPv4", 3: "Base Accounting", 4: "Credit Control", 5: "EAP",
    6: "SIP", 16777216: "3GPP Cx", 16777217: "3GPP Sh", 16777236: "3GPP Rx", 16777238: "3GPP Gx",
    16777250: "3GPP STa", 16777251: "3GPP S6a", 16777252: "3GPP S13", 16777264: "3GPP SWm", 16777265: "3GPP SWx",
    16777267: "3GPP S9", 16777272: "3GPP S6b", 0xFFFFFFFF: "Relay",
}  # fmt: skip
RESULTS = {
    1001: "DIAMETER_MULTI_ROUND_AUTH", 2001: "DIAMETER_SUCCESS", 2002: "DIAMETER_LIMITED_SUCCESS",
    3001: "DIAMETER_COMMAND_UNSUPPORTED", 3002: "DIAMETER_UNABLE_TO_DELIVER", 3003: "DIAMETER_REALM_NOT_SERVED",
    3004: "DIAMETER_TOO_BUSY", 3005: "DIAMETER_LOOP_DETECTED", 3006: "DIAMETER_REDIRECT_INDICATION",
    3007: "DIAMETER_APPLICATION_UNSUPPORTED", 3008: "DIAMETER_INVALID_HDR_BITS", 3009: "DIAMETER_INVALID_AVP_BITS",
    3010: "DIAMETER_UNKNOWN_PEER", 4001: "DIAMETER_AUTHENTICATION_REJECTED", 4002: "DIAMETER_OUT_OF_SPACE",
    4003: "DIAMETER_ELECTION_LOST", 4010: "DIAMETER_END_USER_SERVICE_DENIED",
    4011: "DIAMETER_CREDIT_CONTROL_NOT_APPLICABLE", 4012: "DIAMETER_CREDIT_LIMIT_REACHED",
    5001: "DIAMETER_AVP_UNSUPPORTED", 5002: "DIAMETER_UNKNOWN_SESSION_ID", 5003: "DIAMETER_AUTHORIZATION_REJECTED",
    5004: "DIAMETER_INVALID_AVP_VALUE", 5005: "DIAMETER_MISSING_AVP", 5006: "DIAMETER_RESOURCES_EXCEEDED",
    5007: "DIAMETER_CONTRADICTING_AVPS", 5008: "DIAMETER_AVP_NOT_ALLOWED",
    5009: "DIAMETER_AVP_OCCURS_TOO_MANY_TIMES", 5010: "DIAMETER_NO_COMMON_APPLICATION",
    5011: "DIAMETER_UNSUPPORTED_VERSION", 5012: "DIAMETER_UNABLE_TO_COMPLY", 5013: "DIAMETER_INVALID_BIT_IN_HEADER",
    5014: "DIAMETER_INVALID_AVP_LENGTH", 5015: "DIAMETER_INVALID_MESSAGE_LENGTH",
    5016: "DIAMETER_INVALID_AVP_BIT_COMBO", 5017: "DIAMETER_NO_COMMON_SECURITY", 5030: "DIAMETER_USER_UNKNOWN",
    5031: "DIAMETER_RATING_FAILED",
}  # fmt: skip
