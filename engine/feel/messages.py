"""A plain sentence in Chinese and in English for every code of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# code -> (Chinese, English). Placeholders are the keys of an error's or a warning's values.
SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # the text is not FEEL
    "unexpected-token": ("此处应为{expected},却是{found}", "expected {expected}, found {found}"),
    "unexpected-character": (
        "字符“{found}”不能出现在表达式中",
        "the character {found!r} cannot stand in an expression",
    ),
    "full-width-character": (
        "“{found}”是全角符号,请改用半角“{expected}”",
        "{found!r} is a full-width character, write {expected!r}",
    ),
    "unclosed-text": ("文本缺少结束引号", "the text has no closing quote"),
    "unclosed-comment": ("注释没有结束", "the comment is not closed"),
    "bad-literal": ("“{text}”不是有效的日期、时间或时长", "{text!r} is not a date, time or duration"),
    "duplicate-key": ("同一个上下文中“{name}”出现了两次", "the context has the entry {name!r} twice"),
    "duplicate-parameter": ("参数“{name}”出现了两次", "the parameter {name!r} is given twice"),
    "external-function": ("不支持外部函数", "external functions are not supported"),
    # limits
    "too-deep": ("表达式嵌套太深", "the expression is nested too deeply"),
    "source-too-long": ("表达式太长(最多{limit}个字符)", "the text is too long (at most {limit} characters)"),
    "too-many-steps": (
        "计算步骤太多(最多{limit}步)",
        "the evaluation takes too many steps (at most {limit})",
    ),
    "too-many-items": ("列表太长(最多{limit}项)", "a list grows too long (at most {limit} items)"),
    "too-much-data": ("计算产生的数据太多", "the evaluation produces too much data"),
    "text-too-long": ("文本太长(最多{limit}个字符)", "a text grows too long (at most {limit} characters)"),
    "too-slow": ("计算超时", "the evaluation takes too long"),
    # hooks of the host
    "calendar-missing": ("没有{year}年的工作日历", "there is no working-day calendar for {year}"),
    "law-missing": ("找不到依据“{parameter}”", "the legal parameter {parameter!r} is not there"),
    "host-function-failed": ("函数“{name}”执行失败:{reason}", "the function {name!r} failed: {reason}"),
    "unsupported-value": (
        "数据“{name}”的类型{type}不能使用",
        "a value of type {type} cannot be used (in {name!r})",
    ),
    "internal": ("表达式无法计算:{reason}", "the expression cannot be evaluated: {reason}"),
    # warnings: the result is null
    "unknown-name": ("不认识名称“{name}”", "the name {name!r} is unknown"),
    "unknown-entry": ("没有名为“{name}”的内容", "there is no entry {name!r}"),
    "wrong-type": ("{operation}不能用于{types}", "{operation} does not work on {types}"),
    "not-comparable": ("{left}与{right}不能比较", "{left} and {right} cannot be compared"),
    "null-operand": ("{operation}遇到空值", "{operation} met a null value"),
    "not-a-condition": ("条件的结果不是真或假,而是{type}", "the condition gives {type}, not true or false"),
    "not-a-function": ("“{name}”不是函数", "{name!r} is not a function"),
    "wrong-arguments": ("函数“{name}”的参数不对({types})", "the arguments of {name!r} do not fit ({types})"),
    "invalid-argument": (
        "函数“{name}”不接受这个值:{reason}",
        "{name!r} does not accept this value: {reason}",
    ),
    "bad-index": ("列表没有第{index}项", "the list has no item {index}"),
    "division-by-zero": ("除数为零", "division by zero"),
    "out-of-range": ("结果超出可表示的范围", "the result is out of range"),
    "unknown-type": ("不认识类型“{name}”", "the type {name!r} is unknown"),
    "zone-mixture": ("一个值有时区,另一个没有", "one value has a time zone, the other has none"),
    "calendar-not-given": ("没有提供工作日历", "no working-day calendar was given"),
    "law-not-given": ("没有提供法定参数", "no legal parameters were given"),
}


class _Blank(dict[str, Any]):
    """Fills a missing placeholder with a question mark, so that a sentence never fails."""

    def __missing__(self, key: str) -> str:
        return "?"


#: What the reader says of places in a text, in Chinese; signs and words of FEEL stay as they are.
_PLACES: Final = {
    "expression": "表达式",
    "operator": "运算符",
    "end": "结尾",
    "name": "名称",
    "name:": "名称加冒号",
    "type": "类型",
}


def _in_chinese(values: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(values)
    if isinstance(told.get("expected"), str):
        told["expected"] = "或".join(_PLACES.get(part, part) for part in told["expected"].split(" / "))
    if told.get("found") == "end":
        told["found"] = "结尾"
    return told


def chinese(code: str, values: Mapping[str, Any], position: int | None = None) -> str:
    """The sentence for `code` in Chinese; `position` is a character offset counted from 0."""
    text = SENTENCES.get(code, (code, code))[0].format_map(_Blank(_in_chinese(values)))
    return text if position is None else f"{text}(第{position + 1}个字符处)"


def english(code: str, values: Mapping[str, Any], position: int | None = None) -> str:
    """The sentence for `code` in English; `position` is a character offset counted from 0."""
    text = SENTENCES.get(code, (code, code))[1].format_map(_Blank(values))
    return text if position is None else f"{text} (at character {position + 1})"
