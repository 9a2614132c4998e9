"""Secret processes: who may know that a case exists is itself a right (`know`), and without it no other right counts.

A process is secret when its policies have a rule with the action `know`. Whoever lacks that right is answered as if the
case were missing; documents and facts of its cases are unknown to the cases of other processes, unless the policies
name them (`p, process:<name>, <process>, know`).
"""

from __future__ import annotations

import csv
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.store.tx import Tx

KNOW = "know"
#: The area that only grants without limits cover; None would ask for a right in any area.
EVERYWHERE = ""
#: Making a process: actions on its files, which tell nobody that a case exists, and take no published version. What moves
#: its cases (plan-migration, migrate) is none of them, for it counts cases.
ON_PROCESS = frozenset({"draft", "publish", "remark"})
#: What roles that know of no case may do in a secret process.
_OPEN_TO_ALL = ON_PROCESS | {"start"}
#: Roles whose holders are the case's own people.
_OWN = frozenset({"applicant"})
_OTHER_PROCESS = "process:"

Rule = tuple[str, str, str]


def looks_chain(key: str) -> str:
    """The journal's chain for looks at a case, or at a task, document or print of it, whose id begins with its number."""
    return f"looks:{key.partition('.')[0]}"


@lru_cache(maxsize=256)
def rules_of(policies: str) -> tuple[Rule, ...]:
    """The rules (role, object, action) of a policy file."""
    lines = (line for line in policies.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    return tuple((row[1], row[2], row[3]) for row in rows if len(row) == 4 and row[0] == "p")


def is_secret(policies: str) -> bool:
    """Whether a process with these policies is secret."""
    return any(action == KNOW for _, _, action in rules_of(policies))


def standing(rules: Iterable[Rule]) -> tuple[list[Rule], frozenset[str]]:
    """The rules that count, and the names of the secret processes among them.

    In a secret process a rule counts for roles that may know of its cases, or of the lane that it speaks of.
    """
    every = list(rules)
    known = {(role, obj) for role, obj, action in every if action == KNOW}
    secret = frozenset(obj.partition("/")[0] for _, obj in known)
    own = [(role, process, KNOW) for process in secret for role in _OWN]

    def counts(role: str, obj: str, action: str) -> bool:
        process = obj.partition("/")[0]
        open_to_all = process not in secret or action in _OPEN_TO_ALL or role in _OWN
        return open_to_all or (role, process) in known or (role, obj) in known

    return [rule for rule in [*every, *own] if counts(*rule)], secret


def hidden_from(tx: Tx, policies_of: Callable[[str], str], case: str, other: str) -> bool:
    """Whether cases of the running case's process may know nothing of that other case, its papers and facts.

    `policies_of` gives the policies of a version by its digest.
    """
    found = {
        key: (process, package)
        for key, process, package in tx.rows(
            "SELECT id, process, package FROM cases WHERE id IN (?, ?)", case, other
        )
    }
    if other == case or other not in found:
        return False
    process, package = found[other]
    asker = _process_of(tx, case, found)
    policies = policies_of(package)
    if asker == process or not is_secret(policies):
        return False
    return (f"{_OTHER_PROCESS}{asker}", process, KNOW) not in rules_of(policies)


def _process_of(tx: Tx, case: str, found: dict[str, tuple[str, str]]) -> str:
    """The process of the running case, which may be a row that this very command adds."""
    if case in found:
        return found[case][0]
    pending = tx.pending("cases", (case,))
    return str(pending.values["process"]) if pending is not None else ""
