"""Articles that a process stands on: each must be known, and in force on the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.lint.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from engine.core.definition import Definition
    from engine.dmn import Model
    from engine.package import Package

#: Heads of annotation columns that hold article ids.
_COLUMNS = frozenset({"law", "依据"})


def laws(
    package: Package,
    definition: Definition,
    main: str,
    articles: Collection[str],
    outdated: Mapping[str, str],
) -> Iterator[Finding]:
    """Articles named by steps and by rules of decision tables that are unknown, or not in force."""
    if not articles:
        return
    named = [(main, article, node.id) for node in definition.nodes.values() for article in node.settings.law]
    for path, model in package.models.items():
        named += [(path, article, decision) for article, decision in _cited(model)]
    for path, article, element in dict.fromkeys(named):
        if article not in articles:
            yield Finding(path, "article-unknown", element, values={"article": article})
        elif article in outdated:
            values = {"article": article, "day": outdated[article]}
            yield Finding(path, "article-outdated", element, Severity.WARNING, values)


def _cited(model: Model) -> Iterator[tuple[str, str]]:
    """(article id, decision) for every article in an annotation column about the law."""
    for decision in model.decisions.values():
        for rule in decision.table.rules if decision.table is not None else ():
            for column, text in rule.annotations.items():
                if column in _COLUMNS:
                    yield from ((one, decision.id) for one in text.replace(",", " ").split())
