"""Masks for personal data, one set for papers, lists, exports and logs (conventions sheet, section 7). Pure.

Each function takes text as stored and returns what may be shown at the lower level; nothing is ever unmasked here.
`keep_head` and `keep_tail` are counted in characters and may come from configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STAR = "*"

#: Surnames of two characters that stay whole in a masked name. Only those in living use; a rare one is better cut.
_COMPOUND = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 "
    "夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 "
    "太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 "
    "司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 "
    "漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 "
    "呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五 "
    "纳兰"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())


def keep_ends(text: str, keep_head: int, keep_tail: int) -> str:
    """Hide all but the first `keep_head` and last `keep_tail` characters; too short a text keeps its first only."""
    if not text:
        return ""
    if len(text) <= keep_head + keep_tail:
        return text[0] + STAR * (len(text) - 1) if len(text) > 1 else STAR
    tail = text[len(text) - keep_tail :] if keep_tail else ""
    return text[:keep_head] + STAR * (len(text) - keep_head - keep_tail) + tail


def mask_name(name: str) -> str:
    """Keep the surname, a compound one whole: 张三丰 -> 张**, 欧阳锋 -> 欧阳*, 李 -> *.

    A name with a middle dot keeps the part before it; a name in Latin letters keeps its first word.
    """
    name = name.strip()
    if not name:
        return ""
    if name.isascii() and " " in name:
        first, _, rest = name.partition(" ")
        return f"{first} {''.join(STAR if not c.isspace() else c for c in rest)}"
    for dot in "·•・":
        head, found, rest = name.partition(dot)
        if found and head and rest:
            return head + dot + "".join(c if c == dot else STAR for c in rest)
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:kept] + STAR * (len(name) - kept) if len(name) > kept else STAR * len(name)


def mask_minor(name: str) -> str:
    """A minor's or victim's name: one character and one star whatever its length (王*), so that length tells nothing."""
    name = name.strip()
    if not name:
        return ""
    return name[0] + STAR if len(name) > 1 else STAR


def mask_id(number: str, keep_head: int = 6, keep_tail: int = 4) -> str:
    """142401199003079984 -> 142401********9984."""
    return keep_ends(number.strip(), keep_head, keep_tail)


def mask_phone(number: str, keep_head: int = 3, keep_tail: int = 4) -> str:
    """13812345678 -> 138****5678; a country code is kept apart from the digits that count."""
    number = "".join(number.split())
    for prefix in ("+86", "0086"):
        if number.startswith(prefix) and len(number) > len(prefix):
            return f"{prefix} {keep_ends(number[len(prefix) :], keep_head, keep_tail)}"
    return keep_ends(number, keep_head, keep_tail)


def mask_landline(number: str, keep_tail: int = 4) -> str:
    """0354-2631234 -> ********1234: only the end is shown."""
    return keep_ends(number.strip(), 0, keep_tail)


def mask_account(number: str) -> str:
    """6222020100012341234 -> 6222 **** **** 1234: always two groups of stars, so that the length is not told."""
    digits = "".join(number.split())
    if len(digits) <= 8:
        return keep_ends(digits, 0, 4)
    return f"{digits[:4]} {STAR * 4} {STAR * 4} {digits[-4:]}"


def id_tail(number: str, keep_tail: int = 4) -> str:
    """The last characters of an identity number, to tell apart persons of one name on a public list."""
    number = number.strip()
    return number[-keep_tail:] if len(number) > keep_tail else STAR * len(number)


MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "minor": mask_minor,
    "id_number": mask_id,
    "phone": mask_phone,
    "landline": mask_landline,
    "account": mask_account,
}


def mask(kind: str, text: str) -> str:
    """Mask by the kind a form field names in `mask`; `hidden` and every unknown kind show three stars."""
    masker = MASKS.get(kind)
    return masker(text) if masker else STAR * 3
