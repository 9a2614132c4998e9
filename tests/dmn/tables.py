"""Writes small DMN files for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(*parts: str, namespace: str = NAMESPACE, own: str = "urn:test") -> bytes:
    body = "\n".join(parts)
    return (
        f'<definitions xmlns="{namespace}" id="d" name="test" namespace="{own}">{body}</definitions>'.encode()
    )


def text(tag: str, content: str, **attributes: str) -> str:
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{tag}{given}><text>{escape(content)}</text></{tag}>"


def literal(content: str, **attributes: str) -> str:
    return text("literalExpression", content, **attributes)


def input_data(name: str, type_ref: str = "") -> str:
    reference = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<inputData id="i_{name}" name="{name}"><variable name="{name}"{reference}/></inputData>'


def decision(
    name: str,
    logic: str,
    *,
    inputs: Sequence[str] = (),
    requires: Sequence[str] = (),
    knows: Sequence[str] = (),
    type_ref: str = "",
) -> str:
    needs = "".join(
        [f'<informationRequirement><requiredInput href="#i_{one}"/></informationRequirement>' for one in inputs]
        + [f'<informationRequirement><requiredDecision href="#{one}"/></informationRequirement>' for one in requires]
        + [f'<knowledgeRequirement><requiredKnowledge href="#{one}"/></knowledgeRequirement>' for one in knows]
    )  # fmt: skip
    reference = f' typeRef="{type_ref}"' if type_ref else ""
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"{reference}/>{needs}{logic}</decision>'
    )


def table(
    inputs: Sequence[tuple[str, str] | tuple[str, str, str]],
    outputs: Sequence[str],
    rules: Sequence[tuple[Sequence[str], Sequence[str]] | tuple[Sequence[str], Sequence[str], Sequence[str]]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    annotations: Sequence[str] = (),
) -> str:
    """A decision table: inputs (expression, type[, allowed]), outputs as XML or names, rules (cells, outputs[, notes])."""
    columns = []
    for one in inputs:
        expression, type_ref, *allowed = one
        values = text("inputValues", allowed[0]) if allowed else ""
        reference = {"typeRef": type_ref} if type_ref else {}
        columns.append(
            f"<input label={quoteattr(expression)}>{text('inputExpression', expression, **reference)}{values}</input>"
        )
    columns += [one if one.startswith("<") else f"<output name={quoteattr(one)}/>" for one in outputs]
    columns += [f"<annotation name={quoteattr(one)}/>" for one in annotations]
    rows = []
    for number, rule in enumerate(rules, 1):
        cells, results, *notes = rule
        row = "".join(text("inputEntry", one) for one in cells) + "".join(
            text("outputEntry", one) for one in results
        )
        row += "".join(text("annotationEntry", one) for one in (notes[0] if notes else ()))
        rows.append(f'<rule id="r{number}">{row}</rule>')
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    return (
        f'<decisionTable id="t" hitPolicy="{policy}"{extra}>{"".join(columns)}{"".join(rows)}</decisionTable>'
    )
