"""The demonstration office: accounts for every role in the areas of `areas.csv`, a fund for every town, organisations.

Only for trying things out: the accounts are listed on the sign-in page with their common password. An installation
with BANJIAN_DEMONSTRATION=0 has none of this.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.commands.accounts import AddAccount, GrantLine
from engine.commands.funds import OpenFund
from engine.entries import enter
from engine.errors import Conflict

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from engine.access import Actor
    from engine.office import Office

PASSWORD = "banjian"  # noqa: S105 - shown on the sign-in page of the demonstration
OPENING = Decimal(50000)
FILE = "demonstration.csv"
ORGANISATIONS = "demonstration-organisations.csv"


@dataclass(frozen=True, slots=True)
class Person:
    """One line of policies/law/<jurisdiction>/demonstration.csv; a person may have several."""

    account: str
    name: str
    role: str
    area: str
    department: str


def people(root: Path, jurisdiction: str) -> list[Person]:
    """The demonstration accounts in the order of the file; none where there is no file."""
    path = root / "policies" / "law" / jurisdiction / FILE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Person(**{key: value or "" for key, value in row.items()}) for row in csv.DictReader(file)]


def furnish(office: Office, actor: Actor, password_hash: str, now: datetime) -> int:
    """Add what is missing of the demonstration office; how many accounts were added. Safe to repeat."""
    lines = people(office.settings.root, office.settings.jurisdiction)
    with office.store.reading() as reader:
        known = {row[0] for row in reader.rows("SELECT id FROM account")}
        funds = {row[0] for row in reader.rows("SELECT code FROM fund")}
    added = 0
    for account in dict.fromkeys(line.account for line in lines):
        if account in known:
            continue
        mine = [line for line in lines if line.account == account]
        grants = [GrantLine(line.role, line.area, line.department) for line in mine if line.role]
        command = AddAccount(f"demonstration:{account}", account, mine[0].name, password_hash, grants=grants)
        office.bus.execute(command, actor, now)
        added += 1
    for area in office.law.areas:
        if area.level == "town" and area.code not in funds:
            opened = OpenFund(
                f"demonstration:fund:{area.code}",
                area.code,
                f"{area.name}临时救助备用金",
                area.code,
                OPENING,
                OPENING,
            )
            try:
                office.bus.execute(opened, actor, now)
            except Conflict:
                continue
    _enter_organisations(office, actor, now)
    return added


def _enter_organisations(office: Office, actor: Actor, now: datetime) -> None:
    path = office.settings.root / "policies" / "law" / office.settings.jurisdiction / ORGANISATIONS
    if path.is_file():
        enter(office, "organisations", path, actor, now)
