"""What is wrong with a scenario file that was typed as text, with the line where it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from engine.scenarios.model import ScenarioBroken, plain_scenarios, read_scenarios

#: Where msgspec says a wrong value stands: $.cases[3].steps[0].actor
_PLACE = re.compile(r"`\$([^`]*)`")


@dataclass(frozen=True, slots=True)
class Fault:
    """A line (from 1; 0: not known) and what is wrong there, in the words of whoever read it."""

    line: int
    words: str


def fault_of(text: str) -> Fault | None:
    """The first fault of a scenario file; None if it can be read."""
    try:
        plain_scenarios(text.encode())
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark
        words = " ".join(one for one in (fault.context, fault.problem) if one)
        return Fault(mark.line + 1 if mark else 0, words)
    except (yaml.YAMLError, ArithmeticError) as fault:
        return Fault(0, str(fault))
    try:
        read_scenarios(text.encode())
    except ScenarioBroken as broken:
        reason = str(broken.values["reason"])
        return Fault(_line(text, reason, str(broken.values.get("case") or "")), reason)
    return None


def _line(text: str, reason: str, case: str) -> int:
    """The line of the value that a reason speaks of."""
    root = yaml.compose(text, yaml.CSafeLoader)
    found = _PLACE.search(reason)
    node, line = root, 0
    if found is None:
        name = case or reason.rpartition(": ")[2]
        hits = [
            n
            for n, one in enumerate(text.splitlines(), 1)
            if re.search(rf"\bid:\s*['\"]?{re.escape(name)}\b", one)
        ]
        return hits[-1] if hits else 0
    for step in re.findall(r"\[(\d+)\]|\.([^.\[\]]+)|\[\.\.\.\]", found[1]):
        index, name = step
        if isinstance(node, yaml.SequenceNode) and index:
            node = node.value[int(index)]
        elif isinstance(node, yaml.MappingNode) and name:
            node = next((value for key, value in node.value if key.value == name), None)
        else:
            break
        if node is None:
            break
        line = node.start_mark.line + 1
    return line or 1
