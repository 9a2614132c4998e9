"""Questions. Each is asked by an actor and shows only what the policies let that actor see."""

from engine.queries.applicants import DraftView, draft, draft_holder, drafts, drafts_of_phone, rating
from engine.queries.campaigns import CampaignLine, CampaignRow, CampaignView, campaign, campaigns
from engine.queries.cases import CaseView, TaskView, applications, case, documents, holder, task
from engine.queries.clocks import ClockView, clocks_of
from engine.queries.funds import FundView, fund, funds
from engine.queries.issued import (
    Impression,
    IssuedFilters,
    IssuedItem,
    IssuedPage,
    impressions,
    issued,
    issued_one,
)
from engine.queries.knowing import Look, known, looks
from engine.queries.verbs import (
    Copy,
    Offer,
    Substitution,
    copies,
    delegated,
    readers_of,
    substitutions,
    verbs_of,
)
from engine.queries.worklist import Filters, Page, TaskItem, worklist

__all__ = [
    "CampaignLine",
    "CampaignRow",
    "CampaignView",
    "CaseView",
    "ClockView",
    "Copy",
    "DraftView",
    "Filters",
    "FundView",
    "Impression",
    "IssuedFilters",
    "IssuedItem",
    "IssuedPage",
    "Look",
    "Offer",
    "Page",
    "Substitution",
    "TaskItem",
    "TaskView",
    "applications",
    "campaign",
    "campaigns",
    "case",
    "clocks_of",
    "copies",
    "delegated",
    "documents",
    "draft",
    "draft_holder",
    "drafts",
    "drafts_of_phone",
    "fund",
    "funds",
    "holder",
    "impressions",
    "issued",
    "issued_one",
    "known",
    "looks",
    "rating",
    "readers_of",
    "substitutions",
    "task",
    "verbs_of",
    "worklist",
]
