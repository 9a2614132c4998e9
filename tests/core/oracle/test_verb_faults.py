"""Seeded faults in the verbs: each must be noticed by the walks, or the walks prove nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.core import loops, verbs_return, verbs_sign
from engine.core.verbs_ways import Ways
from tests.core.oracle.generator import generate
from tests.core.oracle.verb_walk import Figures, walk

if TYPE_CHECKING:
    from collections.abc import Callable

#: Models that may be needed; most faults show in the first ten.
MOST = 150


def nothing(*_: Any, **__: Any) -> None:
    return None


def forgetful(walk_: Any, scope: Any, target: str, extras: Any = None) -> None:
    PLACE(walk_, scope, target)


def by_element(_: Any, token: Any) -> str:
    return token.element


def one_too_many(walk_: Any, scope: Any, target: str, *, own: bool = False) -> list[Any]:
    found = LATER(walk_, scope, target, own=own)
    return found or [walk_.tokens[number] for number in walk_.inside(scope.id)][:1]


def without_last(walk_: Any, scope: Any, target: str, *, own: bool = False) -> list[Any]:
    found = LATER(walk_, scope, target, own=own)
    return found[:-1] if len(found) > 1 else found


PLACE, LATER = verbs_return._place, verbs_return._later

FAULTS: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "joins get nothing back": ("parallel", lambda m: m.setattr(verbs_return, "_open_joins", nothing)),
    "an arrival stands at the join, not on its flow": (
        "parallel",
        lambda m: m.setattr(verbs_return, "place_of", by_element),
    ),
    "ways back are not cut": ("loops", lambda m: m.setattr(Ways, "_find_back", lambda _: iter(()))),
    "what is paid bars nothing": ("sequence", lambda m: m.setattr(verbs_return, "_irrevocable", nothing)),
    "a call under way bars nothing": (
        "error",
        lambda m: m.setattr(verbs_return, "_no_call_under_way", nothing),
    ),
    "a new round is forgotten": ("loops", lambda m: m.setattr(verbs_return, "_ROUND", ">>")),
    "straight back is forgotten": ("sequence", lambda m: m.setattr(verbs_return, "_place", forgetful)),
    "one token survives a return": ("parallel", lambda m: m.setattr(verbs_return, "_later", without_last)),
    "a return takes what stood before": (
        "parallel",
        lambda m: m.setattr(verbs_return, "_later", one_too_many),
    ),
    "an interrupted scope is returned in": (
        "event sub-process",
        lambda m: m.setattr(verbs_return, "_calm", nothing),
    ),
    "signers do not move up": ("multi-instance", lambda m: m.setattr(verbs_sign, "_without", nothing)),
    "an added signer is nobody in particular": (
        "sequence",
        lambda m: m.setattr(loops, "signer", lambda *_: None),
    ),
    "timers do not move to the body": ("boundary", lambda m: m.setattr(verbs_sign, "_move_watches", nothing)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    family, plant = FAULTS[fault]
    plant(monkeypatch)
    for seed in range(MOST):
        figures = Figures()
        try:
            walk(generate(family, 31_000_000 + seed), figures)
        except Exception:  # noqa: BLE001 - a fault may also show as a crash
            return
        if figures.wrong:
            return
    pytest.fail(f"not noticed in {MOST} models")
