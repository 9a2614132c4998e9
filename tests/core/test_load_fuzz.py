"""Broken by chance: a mutated model is refused with a ModelError or read as the direct reading reads it; never a crash."""

from __future__ import annotations

import os
from contextlib import suppress
from copy import deepcopy
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from engine.core.load import ModelError, load
from engine.feel import FeelError
from tests.core.direct import BPMN, UnreadableError, read_direct
from tests.core.models import EVERYTHING
from tests.core.test_load_compare import differences

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 4000 if os.environ.get("BANJIAN_THOROUGH") == "1" else 250
TEXTS = (None, "", "x", "= 1 +", "PT1M", "import os", "a:b", "${x}", "\n")
VALUES = ("true", "false", "1", "0", "", "x", "a:b", "3", "-1", "None", "One")


def mutate(root: Any, dice: Random, tags: list[str], attributes: list[str]) -> None:
    """Do one small damage somewhere below the root."""
    elements = [element for element in root.iter() if element is not root and isinstance(element.tag, str)]
    if not elements:
        return
    element, other = dice.choice(elements), dice.choice(elements)
    ids = [one.get("id") for one in elements if one.get("id")] or ["x"]
    match dice.randrange(8):
        case 0:
            element.getparent().remove(element)
        case 1:
            element.getparent().append(deepcopy(element))
        case 2:
            element.tag = dice.choice(tags)
        case 3 if element.attrib:
            del element.attrib[dice.choice(list(element.attrib))]
        case 4:
            element.set(dice.choice(attributes), dice.choice([*VALUES, dice.choice(ids)]))
        case 5:
            element.text = dice.choice(TEXTS)
        case 6 if other not in element.iter():
            other.append(element)
        case 7 if element.attrib:
            element.set(dice.choice(list(element.attrib)), dice.choice(ids))


def check(source: bytes, process: str) -> str:
    """Load as draft and for publishing; returns what became of it."""
    with suppress(ModelError):
        load({"a": source}, process, decisions={"route": None})  # type: ignore[dict-item]
    try:
        draft = load({"a": source}, process, decisions={"route": None}, strict=False)  # type: ignore[dict-item]
    except ModelError:
        return "refused"
    try:
        direct = read_direct({"a": source}, process)
    except (UnreadableError, FeelError):
        return "read by the loader only"
    assert differences(draft, direct) == []
    return "read alike"


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_models(corpora: Path, seed: int) -> None:
    dice = Random(seed)
    print(f"seed {seed}")
    models = [path.read_bytes() for path in sorted(corpora.rglob("*.bpmn"))]
    models += [EVERYTHING] * (len(models) // 5)
    every = [
        element
        for model in models
        for element in etree.fromstring(model).iter()
        if isinstance(element.tag, str)
    ]
    tags = sorted({element.tag for element in every})
    attributes = sorted({name for element in every for name in element.attrib})
    became = []
    for _ in range(ROUNDS):
        root = etree.fromstring(dice.choice(models))
        for _ in range(dice.randint(1, 3)):
            mutate(root, dice, tags, attributes)
        processes = [xml.get("id") for xml in root.iter(f"{BPMN}process")]
        if processes:
            became.append(check(etree.tostring(root), dice.choice(processes)))
    assert became.count("read alike") > ROUNDS / 5
    assert became.count("refused") > ROUNDS / 5
    assert became.count("read by the loader only") < ROUNDS / 50
