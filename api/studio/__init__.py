"""The analysts' studio under /studio: each module has its `routes`, collected here."""

from __future__ import annotations

from typing import Any

from api.studio import (
    comments,
    comparing,
    diagram,
    drafts,
    exchange,
    feel_help,
    files,
    findings,
    forms,
    letters,
    library,
    migrations,
    overview,
    play,
    review,
    rights,
    scenarios,
    simulator,
    tables,
)

routes: tuple[Any, ...] = tuple(
    route
    for module in (
        comments,
        comparing,
        diagram,
        drafts,
        exchange,
        feel_help,
        files,
        findings,
        forms,
        letters,
        library,
        migrations,
        overview,
        play,
        review,
        rights,
        scenarios,
        simulator,
        tables,
    )
    for route in module.routes
)
