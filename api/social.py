"""The routes of registers and campaigns, for programs and as pages."""

from __future__ import annotations

from api import campaigns, registers
from api.pages import campaign_pages, register_pages

routes = (*campaigns.routes, *registers.routes, *campaign_pages.routes, *register_pages.routes)
