"""Published lists: in force by day and area, searched by people's own words, broken files named with their line."""

from __future__ import annotations

import random
from datetime import date

import pytest

from engine.clock import ClockError, read_law
from engine.wording import LONGEST, Script, Wording

HEAD = "code,name,kind,facts[],aliases[],area,valid_from,valid_to,source,status\n"
LIST = HEAD + (
    "N17,财产证明,negative,property,没房 收入证明 证明…有房,,2020-07-24,,s,verified\n"
    "N01,亲属关系证明,negative,kinship,我和…是母女 关系证明,,2020-07-24,2026-06-30,s,verified\n"
    "N01,亲属关系证明,negative,kinship,我和…是母女 是一家人,,2026-07-01,,s,verified\n"
    "X01,县里加的,negative,extra,县里加的,140702,2020-07-24,,s,assumed\n"
)
SYNONYMS = "form,words\n证明,证明信 说明\n母,妈 妈妈\n和,跟\n"
LAW = read_law({"lists/papers.csv": LIST, "lists/synonyms.csv": SYNONYMS})
DAY = date(2026, 3, 2)


def codes(text: str, on: date = DAY, area: str | None = None) -> list[str]:
    return [one["code"] for one in LAW.lists.search(text, "papers", on, area)]


def test_entries_are_those_of_the_day_and_the_area() -> None:
    assert [one.code for one in LAW.lists.entries("papers", DAY)] == ["N17", "N01"]
    assert [one.code for one in LAW.lists.entries("papers", DAY, "140702001")] == ["N17", "N01", "X01"]
    assert codes("是一家人", date(2026, 6, 30)) == []
    assert codes("是一家人", date(2026, 7, 1)) == ["N01"]
    with pytest.raises(ClockError) as error:
        LAW.lists.entries("papers", date(2019, 1, 1))
    assert error.value.code == "list-missing"
    with pytest.raises(ClockError):
        LAW.lists.entries("no such list", DAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("开个说明说我没房", ["N17"]),
        ("证 明 我 和 我 妈 妈 是 母 女", ["N01"]),
        ("证明我跟我妈是母女！", ["N01"]),
        ("证明名下有房", ["N17"]),
        ("不用开收入证明，只要别的", []),
        ("不是收入证明吗", ["N17"]),
        ("关系证明和收入证明", ["N01", "N17"]),
        ("公园几点开门", []),
        ("", []),
        ("亲属关系的证名", ["N01"]),
        ("亲属的关系的证明信", ["N01"]),
    ],
)
def test_words_are_understood(text: str, expected: list[str]) -> None:
    assert sorted(codes(text)) == sorted(expected)


def test_an_alias_inside_a_longer_one_of_another_entry_is_not_meant() -> None:
    words = Wording([["婚姻状况"], ["收养人婚姻状况"]])
    assert [one.key for one in words.find("收养人婚姻状况证明")] == [1]
    assert [one.key for one in words.find("婚姻状况")] == [0]


def test_a_slip_of_the_hand_finds_its_entry_only_where_nothing_stands_there() -> None:
    words = Wording([["无犯罪记录证明"], ["狗证"]])
    assert [(one.key, one.score < 1) for one in words.find("无犯罪纪录证明记录")] == [(0, True)]
    assert [one.key for one in words.find("无犯罪纪录证明记录，狗证")] == [1]


@pytest.mark.parametrize(
    "line",
    [
        "N1,名,negative,f,a,,2026-01-01,2025-01-01,s,verified",
        "N1,名,negative,f,a,,,,s,sure",
        "N1,名,x",
        "N1,,k,f,a,,,,s,verified",
    ],
)
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(ClockError) as error:
        read_law({"lists/papers.csv": HEAD + line + "\n"})
    assert (error.value.code, error.value.values["file"], error.value.values["line"]) == (
        "law-invalid",
        "lists/papers.csv",
        2,
    )


def test_two_entries_on_the_same_days_are_refused() -> None:
    twice = HEAD + "N1,名,k,f,a,,2026-01-01,,s,verified\nN1,名,k,f,a,,2026-05-01,,s,verified\n"
    with pytest.raises(ClockError, match="second entry"):
        read_law({"lists/papers.csv": twice})


@pytest.mark.timeout(60)
def test_hostile_texts_cost_little() -> None:
    chance = random.Random(6)
    for _ in range(20):
        LAW.lists.search(
            "".join(chance.choice("我和妈是母女证明不用开") for _ in range(100 * LONGEST)), "papers", DAY
        )


CHARACTERS = [
    ("无", "wu", "無"), ("房", "fang", ""), ("方", "fang", ""), ("证", "zheng", "證証"), ("明", "ming", ""),
    ("正", "zheng", ""), ("亲", "qin", "親"), ("属", "shu", "屬"), ("说", "shuo", "説說"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("無房證明", "1"),
        ("无方证明", "0.9"),
        ("wufang zhengming", "0.9"),
        ("wo yao kai wu fang zheng min", "0.9"),
        ("说无房", None),
        ("开个证明说无房", "1"),
    ],
)
def test_other_writing_and_the_same_sound(text: str, score: str | None) -> None:
    words = Wording([["无房证明", "证明…无房"], ["亲属证明"]], asking=("证明",), script=Script(CHARACTERS))
    told = [(one.key, str(one.score)) for one in words.find(text)]
    assert told == ([(0, score)] if score else [])


def test_two_syllables_alone_sound_like_anything() -> None:
    words = Wording([["无房"]], asking=("证明",), script=Script(CHARACTERS))
    assert words.find("五方") == []
    assert [str(one.score) for one in words.find("无方证明")] == ["0.9"]


def test_a_hint_is_a_guess_and_only_for_who_asks_for_a_paper() -> None:
    words = Wording([["无房证明"], []], hints=[["房"], ["属"]], asking=("证明",))
    assert [(one.key, str(one.score)) for one in words.find("房的证明，属谁")] == [(0, "0.5"), (1, "0.5")]
    assert words.find("房归谁") == []
    assert [(one.key, str(one.score)) for one in words.find("无房证明，属谁")] == [(0, "1"), (1, "0.5")]


def test_what_several_words_say_counts_together() -> None:
    words = Wording([["过户", "继承人", "老宅"], ["房产证明信"]])
    assert [(one.key, one.length) for one in words.find("老宅过户，继承人房产证明信")] == [(0, 7), (1, 5)]


def test_words_of_letters_are_whole_words() -> None:
    words = Wording([["rent", "own a house"]])
    assert words.find("I open a currently closed restaurant") == []
    assert [one.alias for one in words.find("that I don't own a house")] == ["own a house"]
