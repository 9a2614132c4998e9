"""The small pictures of BPMN, as SVG paths around (0, 0); each fits a circle of radius 9."""

from __future__ import annotations

from typing import Final

_CLOCK: Final = "M0-8A8 8 0 1 0 .01-8ZM0-5V0L3.5 2.5"
_ENVELOPE: Final = "M-7-5H7V5H-7ZM-7-5L0 1L7-5"

#: Event definition (BPMN name without "EventDefinition") -> path. Thrown ones are filled.
EVENTS: Final[dict[str, str]] = {
    "message": _ENVELOPE,
    "timer": _CLOCK,
    "signal": "M0-7L7 5H-7Z",
    "error": "M-6 6L-2-5L2 1L6-7L2 4L-2-1Z",
    "escalation": "M0-7L5 6L0 1L-5 6Z",
    "conditional": "M-6-7H6V7H-6ZM-3.5-4H3.5M-3.5 0H3.5M-3.5 4H3.5",
    "compensate": "M0-5V5L-7 0ZM7-5V5L0 0Z",
    "link": "M-6-3H1V-6L7 0L1 6V3H-6Z",
    "cancel": "M-6-4L-4-6L0-2L4-6L6-4L2 0L6 4L4 6L0 2L-4 6L-6 4L-2 0Z",
    "terminate": "M0-7A7 7 0 1 0 .01-7Z",
}

#: Task tag -> path, drawn in the upper left corner.
TASKS: Final[dict[str, str]] = {
    "userTask": "M0-6A3.2 3.2 0 1 0 .01-6ZM-6 7C-6 2-3 .5 0 .5S6 2 6 7Z",
    "manualTask": "M-7 0L-3-5H6V-2H0H7V1H1H6V4H1H4V7H-4L-7 4Z",
    "serviceTask": "M0-3A3 3 0 1 0 .01-3ZM0-7V-5M0 5V7M-7 0H-5M5 0H7M-5-5L-3.5-3.5M3.5 3.5L5 5M-5 5L-3.5 3.5M3.5-3.5L5-5",
    "sendTask": _ENVELOPE,
    "receiveTask": _ENVELOPE,
    "scriptTask": "M-5-7H6C2-3 9 1 4 7H-7C-2 1-9-3-5-7ZM-3-3H3M-2 0H4M-3 3H3",
    "businessRuleTask": "M-7-6H7V6H-7ZM-7-2H7M-2-2V6M-7 2H7",
}

#: Gateway tag -> path in the diamond.
GATEWAYS: Final[dict[str, str]] = {
    "exclusiveGateway": "M-6-6L6 6M6-6L-6 6",
    "parallelGateway": "M0-9V9M-9 0H9",
    "inclusiveGateway": "M0-8A8 8 0 1 0 .01-8Z",
    "complexGateway": "M0-9V9M-9 0H9M-6-6L6 6M6-6L-6 6",
    "eventBasedGateway": "M0-10A10 10 0 1 0 .01-10ZM0-6L6-1L4 6H-4L-6-1Z",
}

#: Marks at the lower edge of an activity.
MARKS: Final[dict[str, str]] = {
    "parallel": "M-4-5V5M0-5V5M4-5V5",
    "sequential": "M-5-4H5M-5 0H5M-5 4H5",
    "loop": "M-3 5A5.5 5.5 0 1 1 3 5M-3 5H-7M-3 5V1",
    "compensation": EVENTS["compensate"],
    "collapsed": "M-6-6H6V6H-6ZM0-4V4M-4 0H4",
    "event": "M0-6A6 6 0 1 0 .01-6Z",
}
