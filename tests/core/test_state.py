"""State as bytes: small, stable, exact for every FEEL value, and closed to anything else."""

from __future__ import annotations

import random
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from play import ROOTS, Play, boundary, chain, flow, model, timer, users

from engine.core import step as core
from engine.core.bag import Bag
from engine.core.faults import CoreError
from engine.core.packing import pack, squeeze, swell, unpack
from engine.core.run import step
from engine.core.state import State, dump, restore
from engine.feel import Range, YearsMonths

SHANGHAI = ZoneInfo("Asia/Shanghai")
VALUES: list[Any] = [
    None,
    True,
    False,
    "",
    "临时救助",
    "\x00$d",
    0,
    -1,
    2**63 - 1,
    -(2**63),
    2**63,
    10**40,
    Decimal(0),
    Decimal("605.00"),
    Decimal("-0.10"),
    Decimal("1E+30"),
    Decimal(1234567890123456789012345678901234),
    date(2026, 8, 3),
    date.min,
    date.max,
    time(9, 30),
    time(9, 30, 1, 5),
    time(9, 30, tzinfo=UTC),
    time(9, 30, tzinfo=timezone(timedelta(hours=8))),
    datetime(2026, 8, 3, 9),
    datetime(2026, 8, 3, 9, 0, 0, 1),
    datetime(2026, 8, 3, 9, tzinfo=UTC),
    datetime(2026, 8, 3, 9, tzinfo=SHANGHAI),
    datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
    datetime(2026, 8, 3, 9, tzinfo=timezone(timedelta(hours=-3, minutes=-30, seconds=-15))),
    timedelta(days=-3, seconds=7, microseconds=9),
    timedelta(0),
    YearsMonths(-14),
    Range(Decimal(1), Decimal(10), start_included=False),
    Range(None, date(2026, 1, 1), operator="<"),
    [],
    {},
    [Decimal(1), [date(2026, 1, 1), {"a": [None]}]],
    {"case": {"number": "n", "": Decimal(1)}, "$": {"d": "1"}},
]


def same(a: Any, b: Any) -> bool:
    """Equal in value, type, exponent, zone and fold."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Decimal):
        return a.as_tuple() == b.as_tuple()
    if isinstance(a, datetime | time):
        return a == b and str(a) == str(b) and a.fold == b.fold and a.utcoffset() == b.utcoffset()
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_every_value_survives_exactly(value: Any) -> None:
    assert same(unpack(pack(value)), value)
    assert same(unpack(swell(squeeze(pack([value] * 50)))), [value] * 50)


def test_tuples_and_mappings_are_taken_as_lists_and_contexts() -> None:
    assert unpack(pack((1, (2,)))) == [1, [2]]
    assert unpack(pack(Bag({"a": Decimal(1)}))) == {"a": Decimal(1)}


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), {1, 2}, b"x", object(), [1.0], {"a": {"b": 0.1}}],
    ids=["float", "nan", "set", "bytes", "object", "float in a list", "float in a context"],
)
def test_what_is_no_value_is_refused(value: Any) -> None:
    with pytest.raises(CoreError, match="no FEEL value"):
        pack(value)
    with pytest.raises(CoreError, match="no FEEL value"):
        dump(State(1, variables={"x": value}))
    xml = model('<startEvent id="s"/>' + users("t") + chain(end="t"))
    with pytest.raises(CoreError, match="no FEEL value"):
        Play(xml, {"x": value})
    play = Play(xml)
    with pytest.raises(CoreError, match="no FEEL value"):
        play.complete("t", x=value)


def test_damaged_bytes_are_refused() -> None:
    play = Play(
        model('<startEvent id="s"/>' + users("t") + chain(end="t")), {"n": Decimal(1), "text": "x" * 500}
    )
    assert play.state is not None
    marking, variables = dump(play.state)
    seed = 20261124
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(2000):
        bad = bytearray(chance.choice((marking, variables)))
        for _ in range(chance.randint(1, 4)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        first, second = (bytes(bad), variables) if chance.random() < 0.5 else (marking, bytes(bad))
        try:
            dict(restore(first, second).variables)
        except CoreError as error:
            assert error.code == "damaged-state"  # noqa: PT017
    for nonsense in (b"", b"\x00", b"\x02abc", marking[:-3], b"\x01" + marking):
        with pytest.raises(CoreError, match="cannot be read"):
            restore(nonsense, variables)


def test_a_bomb_is_not_unpacked() -> None:
    import zstandard

    bomb = b"\x01" + zstandard.ZstdCompressor().compress(bytes(200 * 1024 * 1024))
    with pytest.raises(CoreError, match="cannot be read"):
        swell(bomb)


def test_a_bag_is_a_mapping_that_keeps_what_it_was_given() -> None:
    first = Bag({"a": Decimal(1), "b": [1]})
    second = first.but({"b": None, "c": "x"})
    assert dict(first) == {"a": Decimal(1), "b": [1]}
    assert dict(second) == {"a": Decimal(1), "b": None, "c": "x"}
    assert second == {"a": Decimal(1), "b": None, "c": "x"}
    loaded = Bag.of(second.packed())
    assert loaded == second
    assert "c" in loaded
    assert "d" not in loaded
    assert loaded.get("d") is None
    assert loaded.packed() == second.packed()
    with pytest.raises(KeyError):
        loaded["d"]


def test_a_typical_marking_is_small_and_the_variables_lie_apart() -> None:
    reviews = ("civil_affairs_review", "human_resources_review", "medical_insurance_review")
    xml = model(
        '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + users(*reviews)
        + "".join(boundary(f"{each}_late", each, timer("P5D"), interrupting=False) for each in reviews)
        + '<endEvent id="reminded"/>'
        + flow("s", "split")
        + "".join(
            flow("split", each) + flow(each, "join") + flow(f"{each}_late", "reminded") for each in reviews
        )
        + flow("join", "e")
    )
    play = Play(xml, {"reason": "长" * 3000})
    assert play.state is not None
    marking, variables = dump(play.state)
    print(f"marking {len(marking)} bytes, variables {len(variables)} bytes")
    assert len(marking) < 250
    assert "长".encode() not in swell(marking)


def test_equal_states_give_equal_bytes_and_ids_are_names() -> None:
    xml = model('<startEvent id="s"/>' + users("t", "u") + chain("t", end="u"), ROOTS)
    one, two = Play(xml, {"a": "1"}), Play(xml, {"a": "1"})
    assert one.state is not None
    assert two.state is not None
    assert dump(one.complete("t").state) == dump(two.complete("t").state)
    assert b"u" in swell(dump(one.state)[0])


def test_a_state_of_another_model_is_refused() -> None:
    one = Play(model('<startEvent id="s"/>' + users("t") + chain(end="t")))
    other = Play(model('<startEvent id="s"/>' + users("u") + chain(end="u")))
    with pytest.raises(CoreError, match="names an element that the definition lacks"):
        step(other.definition, one.state, core.Change({}), one.now)


def test_step_refuses_what_does_not_fit() -> None:
    xml = model('<startEvent id="s"/><endEvent id="e"/>' + users("t") + chain("t"))
    play = Play(xml)
    state, definition = play.state, play.definition
    assert state is not None
    wrong: list[tuple[State | None, core.Input, str]] = [
        (None, core.Complete(1), "not-started"),
        (state, core.Start(), "already-started"),
        (state, core.Complete(99), "no-such-token"),
        (state, core.Complete(1), "not-waiting"),
        (state, core.Fail(play.token("t"), "x"), "not-waiting"),
        (state, core.Fire(play.token("t"), "x"), "not-waiting"),
        (state, core.Retry(play.token("t")), "no-incident"),
        (state, core.Deliver("nobody"), "nobody-waits"),
    ]
    for before, given, code in wrong:
        with pytest.raises(CoreError) as caught:
            step(definition, before, given, play.now)
        assert caught.value.code == code
        assert str(caught.value)
    with pytest.raises(CoreError, match="zone"):
        step(definition, state, core.Change({}), datetime(2026, 8, 3))
    play.complete("t")
    with pytest.raises(CoreError, match="has ended"):
        play.do(core.Change({}))
