"""A plain sentence in Chinese and in English for every error, warning and finding of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.feel.messages import SENTENCES as FEEL_SENTENCES

if TYPE_CHECKING:
    from collections.abc import Mapping

# code -> (Chinese, English). Placeholders are the keys of values; rules, cells and element are filled in as well.
SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # the file is refused
    "xml-too-large": ("文件过大(上限 {limit} 字节)", "The file is too large (at most {limit} bytes)."),
    "xml-too-deep": ("文件嵌套过深(上限 {limit} 层)", "The file nests elements too deeply (at most {limit})."),
    "xml-syntax": ("第 {line} 行不是有效的 XML", "Line {line} is not well-formed XML."),
    "xml-doctype": ("不接受含 DOCTYPE 的文件", "A file with a DOCTYPE is not accepted."),
    "not-dmn": ("这不是 DMN 1.1 至 1.5 的决策模型", "This is not a decision model of DMN 1.1 to 1.5."),
    "editor-unsupported": (
        "“{element}”使用了 DMN 1.4 或 1.5 的写法“{tag}”,编辑器打开会丢失它,请用文本方式修改",
        "{element} is written as {tag!r} of DMN 1.4 or 1.5, which the editor would lose; edit the file as text.",
    ),
    "feel-syntax": (
        "“{element}”的表达式“{text}”在第 {position} 个字符处无法理解",
        "The expression {text!r} at {element} cannot be read at character {position}: {reason}",
    ),
    "duplicate-id": ("编号“{element}”重复", "The id {element} is used twice."),
    "unknown-type": ("“{element}”使用了未定义的类型“{type}”", "{element} uses the undefined type {type!r}."),
    "type-cycle": ("类型“{name}”的定义循环引用自身", "The type {name!r} is defined by itself."),
    "unknown-expression": ("不支持的表达式“{tag}”", "The expression kind {tag!r} is not supported."),
    "boxes-too-deep": ("表达式嵌套过深(上限 {limit} 层)", "Boxed expressions nest too deeply (at most {limit})."),
    "language-unsupported": ("“{element}”使用的语言不是 FEEL", "{element} is not written in FEEL."),
    "imported-values-unsupported": ("“{element}”引用外部数据,不支持", "{element} imports outside data: unsupported."),
    "relation-row": ("关系表的行有 {cells} 格,应为 {columns} 格", "A relation row has {cells} cells, not {columns}."),
    "table-without-output": ("决策表“{element}”没有输出列", "The decision table {element} has no output."),
    "table-too-large": ("决策表“{element}”过大(上限 {limit} 格)", "The table {element} is too large ({limit} cells)."),
    "input-without-expression": ("输入列“{element}”没有表达式", "The input column {element} has no expression."),
    "rule-shape": (
        "第 {rule} 条规则的格数与表头不符",
        "Rule {rule} does not have as many cells as the table has columns.",
    ),
    "unknown-hit-policy": ("不认识的命中策略“{policy}”", "The hit policy {policy!r} is unknown."),
    "unknown-aggregation": ("不认识的汇总方式“{aggregation}”", "The aggregation {aggregation!r} is unknown."),
    "service-without-output": ("决策服务“{element}”没有输出决策", "The decision service {element} has no output."),
    "unknown-reference": ("“{element}”引用了不存在的“{href}”", "{element} refers to {href!r}, which is not there."),
    "requirement-cycle": ("决策“{name}”直接或间接依赖自身", "The decision {name!r} requires itself."),
    "requirements-too-deep": ("决策依赖链过长(上限 {limit})", "The chain of required decisions exceeds {limit}."),
    "import-missing": ("找不到被导入的模型“{namespace}”", "The imported model {namespace!r} is not there."),
    "import-cycle": ("模型“{namespace}”循环导入自身", "The model {namespace!r} imports itself."),
    # deciding is refused
    "unknown-decision": ("没有名为“{element}”的决策", "There is no decision {element!r}."),
    "value-not-feel": ("“{key}”的值“{text}”不是 FEEL 值", "The value {text!r} of {key!r} is no FEEL value."),
    "value-too-long": ("“{element}”的值过长(上限 {limit} 字)", "The value of {element} is too long (at most {limit})."),
    "unknown-column": ("决策表“{element}”没有输入列“{column}”", "The table {element} has no input column {column!r}."),
    "unknown-service": ("没有名为“{element}”的决策服务", "There is no decision service {element!r}."),
    "service-arguments": ("应给出 {wanted} 个参数,实为 {given} 个", "{wanted} arguments are wanted, not {given}."),
    "unique-violated": (
        "决策表“{table}”要求唯一命中,但第 {rules} 条规则同时命中",
        "The table {table!r} allows one hit only, but rules {rules} hit together.",
    ),
    "any-violated": (
        "决策表“{table}”第 {rules} 条规则同时命中而结论不同",
        "Rules {rules} of the table {table!r} hit together with different outcomes.",
    ),
    "internal": ("计算失败:{reason}", "The evaluation failed: {reason}"),
    "too-deep": ("计算嵌套过深", "The evaluation nests too deeply."),
    # the result is null, and why
    "wrong-type": ("“{name}”的值类型不符,应为{expected}", "The value of {name!r} is not of type {expected}."),
    "not-allowed": ("“{name}”的值不在{expected}的允许范围内", "The value of {name!r} is not allowed by {expected}."),
    "input-not-allowed": ("输入“{name}”的值不在允许值中", "The value of input {name!r} is not among the allowed ones."),
    "output-not-allowed": ("输出“{name}”的值不在允许值中", "The value of output {name!r} is not among the allowed ones."),
    "foreign-function": ("不执行 Java 或 PMML 函数", "Functions in Java or PMML are not run."),
    "not-a-function": ("“{element}”调用的不是函数", "What {element} invokes is not a function."),
    # analysis
    "gap": ("没有规则覆盖:{where}", "No rule covers: {where}"),
    "more-gaps": ("还有更多未覆盖的情形(只列出 {shown} 个)", "There are more gaps; {shown} are listed."),
    "overlap": ("第 {rules} 条规则重叠:{where}", "Rules {rules} overlap: {where}"),
    "more-overlaps": ("共有 {pairs} 处重叠(只列出 {shown} 处)", "{pairs} pairs overlap; {shown} are listed."),
    "overlap-ordered": ("第 {rules} 条规则重叠,由先后次序决定", "Rules {rules} overlap; their order decides."),
    "unreachable": ("第 {rules} 条规则永远轮不到:已被第 {before} 条覆盖", "Rule {rules} is never reached: {before} cover it."),
    "rule-never": ("第 {rules} 条规则永远不会命中", "Rule {rules} can never hit."),
    "cell-never": ("“{column}”列的条件“{text}”不可能成立", "The condition {text!r} of {column!r} can never hold."),
    "value-not-allowed": ("“{column}”列的值 {value} 不在允许值中", "The value {value} of {column!r} is not allowed."),
    "type-mismatch": (
        "“{column}”列的“{text}”类型不符,应为{expected}",
        "The cell {text!r} of {column!r} should be of type {expected}, not {found}.",
    ),
    "unknown-name": ("不认识名称“{name}”", "The name {name!r} is unknown."),
    "missing-requirement": (
        "使用了“{name}”,但没有连线(信息需求)指向它",
        "{name!r} is used without a requirement (an arrow) from it.",
    ),
    "unknown-coverage": (
        "部分条件需要计算才知道,未计入覆盖检查:{cells}",
        "Some cells can only be known by evaluation; they count neither as gap nor as overlap: {cells}",
    ),
    "related-inputs": (
        "多个输入列都取自{names},列出的空缺或重叠可能不会发生",
        "Several inputs are computed from {names}: some gaps or overlaps listed may be impossible.",
    ),
    "analysis-bounded": ("决策表过大,检查不完整", "The table is too large; the check is not complete."),
    "priority-missing": ("按优先级命中,但没有列出输出值的次序", "The policy ranks outputs, but no output lists its values."),
    "output-without-name": ("多个输出列时每列都要有名称", "With several outputs each needs a name."),
    "no-logic": ("决策“{name}”没有内容", "The decision {name!r} has no logic."),
}  # fmt: skip


def sentence(code: str, values: Mapping[str, Any], language: str = "zh", **place: Any) -> str:
    """Return the sentence for a code in `zh` or `en`; `place` may give element, rules and cells."""
    known = SENTENCES.get(code) or FEEL_SENTENCES.get(code)
    if known is None:
        return code
    facts = {key: _shown(key, value) for key, value in {**place, **values}.items()}
    return known[0 if language.startswith("zh") else 1].format_map(_Lenient(facts))


class _Lenient(dict[str, Any]):
    """Leaves a gap visible instead of failing for it."""

    def __missing__(self, key: str) -> str:
        return "…"


def _shown(key: str, value: Any) -> Any:
    if key == "where":
        return "; ".join(f"{name} {text}" for name, text in value.items()) or "-"
    if key == "cells":
        return ", ".join(f"{row}.{column}" for row, column in value)
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return value
