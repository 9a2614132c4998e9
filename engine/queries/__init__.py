"""Questions. Each is asked by an actor and shows only what the policies let that actor see."""

from engine.queries.cases import CaseView, TaskView, applications, case, documents, holder, task
from engine.queries.funds import FundView, fund, funds
from engine.queries.issued import Impression, IssuedFilters, IssuedItem, IssuedPage, impressions, issued
from engine.queries.worklist import Filters, Page, TaskItem, worklist

__all__ = [
    "CaseView",
    "Filters",
    "FundView",
    "Impression",
    "IssuedFilters",
    "IssuedItem",
    "IssuedPage",
    "Page",
    "TaskItem",
    "TaskView",
    "applications",
    "case",
    "documents",
    "fund",
    "funds",
    "holder",
    "impressions",
    "issued",
    "task",
    "worklist",
]
