"""The page that verifies papers without network: one file with the office's public keys and its list of revoked papers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from engine.documents.cose import algorithm_of, public_bytes
from engine.documents.issuers import place_name, read_areas
from engine.documents.offline import STATES, write_list
from engine.documents.ring import FOLDER, open_ring

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from engine.documents.ring import Ring
    from engine.settings import Settings
    from engine.store.session import Store

SOURCE = "api/ui/static/verify-offline.html"
LABELS = "api/ui/locale/zh-CN/process.json"
_PINNED = re.compile(r'(<script type="application/json" id="pinned">).*?(</script>)', re.DOTALL)


def build_page(settings: Settings, store: Store, now: datetime) -> str:
    """The page as of now, ready to be saved to a phone."""
    ring = open_ring(settings.data / "keys" / FOLDER)
    labels = {
        name.removeprefix("fact."): words
        for name, words in json.loads((settings.root / LABELS).read_text(encoding="utf-8")).items()
        if name.startswith("fact.")
    }
    listed = write_list(ended_papers(store), now, ring.private(ring.at(now)))
    return fill_page(settings.root, ring, listed, office_name(settings, now), now, labels)


def fill_page(
    root: Path, ring: Ring, listed: bytes, office: str, now: datetime, labels: Mapping[str, str]
) -> str:
    """The page's source with keys and list put in, and its own policy narrowed to exactly its script and sheet."""
    pinned: dict[str, Any] = {
        "office": office,
        "made": int(now.timestamp()),
        "keys": [
            {
                "name": entry.key,
                "algorithm": algorithm_of(ring.public(entry)),
                "public": base64.b64encode(public_bytes(ring.public(entry))).decode(),
                "struck": entry.struck is not None,
            }
            for entry in ring.entries
        ],
        "list": base64.b64encode(listed).decode(),
        "labels": dict(labels),
    }
    # "<" never stands in a script element as itself: nothing in the data can end it.
    data = json.dumps(pinned, ensure_ascii=False).replace("<", "\\u003c")
    source = (root / SOURCE).read_text(encoding="utf-8")
    page = _PINNED.sub(lambda hit: hit[1] + data + hit[2], source)
    for kind, directive in (("script", "script-src"), ("style", "style-src")):
        content = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)[0]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        page = page.replace(f"{directive} 'unsafe-inline'", f"{directive} 'sha256-{digest}'")
    return page


def policy_of(page: str) -> str:
    """The Content-Security-Policy that the page carries, for the header it is served with."""
    return str(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[0])


def office_name(settings: Settings, now: datetime) -> str:
    """What the page calls the office: its jurisdiction's widest place."""
    areas = read_areas(settings.root, settings.jurisdiction)
    day = now.astimezone(settings.zone).date()
    codes = sorted((area.code for area in areas.areas if len(area.code) == 4), key=len)
    return place_name(areas, codes[0], day) if codes else settings.jurisdiction


def ended_papers(store: Store) -> dict[str, str]:
    """Word -> state of every paper that holds no more."""
    marks = ", ".join("?" for _ in STATES)
    with store.reading() as reader:
        rows = reader.rows(f"SELECT token, state FROM document WHERE state IN ({marks})", tuple(STATES))  # noqa: S608
    return dict(rows)
