"""The clerks' verbs as commands: rights, four eyes, the journal, repetition, and what becomes of the tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from engine import errors, queries
from engine.access import Actor, Grant
from engine.commands import (
    AddAccount,
    AddSigner,
    ClaimTask,
    CompleteTask,
    CopyTo,
    DelegateTask,
    DropSigner,
    EndSubstitute,
    GrantLine,
    JumpCase,
    ReadCopy,
    ReturnDelegated,
    SendBack,
    SetSubstitute,
    SubmitApplication,
    TakeBack,
    TransferTask,
    UrgeTask,
)
from engine.commands.people import actor_of
from engine.queries import Offer, verbs_of
from tests.engine.small import AREA, INSTALLER, person
from tests.engine.small import open_small as opened
from tests.engine.verb_models import board, review

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.small import Small

ANN, BOB, CAT = person("ann"), person("bob"), person("cat")
LEA = person("lea", "leader")
CHIEF = person("chief", "chief")
FAR = person("far", area="140703")
OWNER = Actor("own", "OWN")


@pytest.fixture
def small(store_url: str) -> Iterator[Small]:
    office = opened(store_url, review(), board())
    for actor in (ANN, BOB, CAT, LEA, CHIEF, FAR, OWNER):
        grants = [GrantLine(grant.role, grant.area) for grant in actor.grants]
        office.do(AddAccount(office.id(), actor.id, actor.name, grants=grants), INSTALLER)
    yield office
    office.close()


def begun(small: Small) -> str:
    return small.do(SubmitApplication(small.id(), "review", AREA), OWNER)["case"]


def at(small: Small, case: str, element: str, state: str = "open") -> str:
    """The latest task at an element."""
    sql = "SELECT id FROM task WHERE case_id = ? AND element = ? AND state = ? ORDER BY token DESC"
    return small.rows(sql, case, element, state)[0][0]


def open_at(small: Small, case: str) -> list[str]:
    sql = "SELECT element FROM task WHERE case_id = ? AND state = 'open' ORDER BY element"
    return [element for (element,) in small.rows(sql, case)]


def kinds(small: Small, case: str) -> list[str]:
    return [kind for (kind,) in small.rows("SELECT kind FROM journal WHERE chain = ? ORDER BY seq", case)]


def last(small: Small, case: str, kind: str) -> dict[str, object]:
    sql = "SELECT body FROM journal WHERE chain = ? AND kind = ? ORDER BY seq DESC"
    return orjson.loads(small.rows(sql, case, kind)[0][0])


def row(small: Small, key: str, *columns: str) -> tuple[object, ...]:
    return small.rows(f"SELECT {', '.join(columns)} FROM task WHERE id = ?", key)[0]


def registered(small: Small, by: Actor = ANN) -> str:
    """A case at both departments."""
    case = begun(small)
    small.work(at(small, case, "correct"), OWNER)
    small.work(at(small, case, "register"), by, {"amount": "5"})
    assert open_at(small, case) == ["fire", "health"]
    return case


def hold(small: Small, case: str, element: str, actor: Actor) -> str:
    key = at(small, case, element)
    small.do(ClaimTask(small.id(), key), actor)
    return key


# ---- other hands ------------------------------------------------------------------------------------------------------


def test_transfer_keeps_the_task_and_says_from_whom_to_whom(small: Small) -> None:
    case = registered(small)
    key = hold(small, case, "fire", ANN)
    small.do(TransferTask("t1", key, "bob", "on leave"), ANN)
    again = small.do(TransferTask("t1", key, "bob", "on leave"), ANN)
    assert again.again
    assert row(small, key, "claimed_by", "claimed_name", "state") == ("bob", "BOB", "open")
    said = last(small, case, "transferred")
    assert (said["before"], said["account"], said["reason"]) == ("ann", "bob", "on leave")
    with pytest.raises(errors.AlreadyClaimed):
        small.do(CompleteTask(small.id(), key, 3), ANN)
    small.do(CompleteTask(small.id(), key, int(row(small, key, "revision")[0])), BOB)


def test_transfer_asks_for_the_receivers_rights_too(small: Small) -> None:
    case = registered(small)
    key = hold(small, case, "fire", ANN)
    for wrong in ("far", "lea"):
        with pytest.raises(errors.Forbidden):
            small.do(TransferTask(small.id(), key, wrong), ANN)
    with pytest.raises(errors.NotFound):
        small.do(TransferTask(small.id(), key, "nobody"), ANN)
    with pytest.raises(errors.Forbidden):
        small.do(TransferTask(small.id(), key, "bob"), CAT)
    small.do(TransferTask(small.id(), key, "bob"), CHIEF)
    assert row(small, key, "claimed_by") == ("bob",)


def test_who_registered_cannot_be_handed_the_decision(small: Small) -> None:
    both = Actor("both", "BOTH", (Grant("clerk", "140702"), Grant("leader", "140702")))
    grants = [GrantLine(grant.role, grant.area) for grant in both.grants]
    small.do(AddAccount(small.id(), "both", "BOTH", grants=grants), INSTALLER)
    case = registered(small, both)
    for name in ("fire", "health"):
        small.work(at(small, case, name), BOB)
    key = hold(small, case, "decide", LEA)
    with pytest.raises(errors.FourEyes):
        small.do(TransferTask(small.id(), key, "both"), LEA)


def test_a_delegated_task_waits_for_its_answer(small: Small) -> None:
    case = registered(small)
    key = hold(small, case, "fire", ANN)
    small.do(DelegateTask(small.id(), key, "bob", "is the stair wide enough?"), ANN)
    with pytest.raises(errors.Delegated):
        small.do(CompleteTask(small.id(), key, int(row(small, key, "revision")[0])), ANN)
    with pytest.raises(errors.AlreadyClaimed):
        small.do(CompleteTask(small.id(), key, int(row(small, key, "revision")[0])), BOB)
    with pytest.raises(errors.AlreadyClaimed):
        small.do(ReturnDelegated(small.id(), key, "no"), CAT)
    small.do(ReturnDelegated(small.id(), key, "1.4 m, yes"), BOB)
    assert last(small, case, "answered-back")["answer"] == "1.4 m, yes"
    small.do(CompleteTask(small.id(), key, int(row(small, key, "revision")[0])), ANN)
    assert open_at(small, case) == ["health"]


def test_the_holder_can_call_a_delegated_task_back(small: Small) -> None:
    case = registered(small)
    key = hold(small, case, "fire", ANN)
    small.do(DelegateTask(small.id(), key, "bob"), ANN)
    small.do(ReturnDelegated(small.id(), key), ANN)
    assert kinds(small, case)[-1] == "called-back"
    with pytest.raises(errors.NotWaiting):
        small.do(ReturnDelegated(small.id(), key, "late"), BOB)


def test_pushing_is_limited(small: Small) -> None:
    case = registered(small)
    key = at(small, case, "fire")
    with pytest.raises(errors.TooOften):
        small.do(UrgeTask(small.id(), key), OWNER)
    small.do(UrgeTask(small.id(), key, "please"), BOB)
    small.later(hours=23)
    with pytest.raises(errors.TooOften):
        small.do(UrgeTask(small.id(), key), BOB)
    small.later(days=7)
    small.do(UrgeTask(small.id(), key), OWNER)
    assert row(small, key, "urged") == (2,)
    assert last(small, case, "urged")["times"] == 2
    with pytest.raises(errors.Forbidden):
        small.do(UrgeTask(small.id(), key), FAR)


def test_a_copy_lets_one_account_read_and_counts_its_reading(small: Small) -> None:
    case = registered(small)
    key = hold(small, case, "fire", ANN)
    store, access = small.bus.store, small.bus.access
    with pytest.raises(errors.NotFound):
        queries.case(store, access, FAR, case)
    assert small.do(CopyTo(small.id(), key, ["far", "far"], "for your files"), ANN)["given"] == 1
    assert queries.case(store, access, FAR, case).row.id == case
    assert small.do(CopyTo(small.id(), key, ["far"]), ANN)["given"] == 0
    small.do(ReadCopy(small.id(), case), FAR)
    small.do(ReadCopy(small.id(), case), FAR)
    assert kinds(small, case).count("copy-read") == 1
    assert [(copy.case_id, copy.read_at) for copy in queries.copies(store, FAR)] == [(case, small.now)]
    with pytest.raises(errors.Forbidden):
        small.do(ClaimTask(small.id(), at(small, case, "health")), FAR)
    with pytest.raises(errors.NotFound):
        small.do(ReadCopy(small.id(), case), CAT)


# ---- substitutes ------------------------------------------------------------------------------------------------------


def acting(small: Small, account: str) -> Actor:
    with small.bus.store.reading() as reader:
        return actor_of(reader, account, small.now.date())


def test_a_substitute_acts_with_the_absent_persons_rights_and_the_journal_says_so(small: Small) -> None:
    case = registered(small)
    for name in ("fire", "health"):
        small.work(at(small, case, name), BOB)
    key = at(small, case, "decide")
    with pytest.raises(errors.Forbidden):
        small.do(ClaimTask(small.id(), key), acting(small, "cat"))
    small.do(SetSubstitute("s1", "lea", "cat", "2026-08-03", "2026-08-05", "leader", "training"), LEA)
    cat = acting(small, "cat")
    assert cat.absent == {"lea"}
    claimed = small.do(ClaimTask(small.id(), key), cat)
    small.do(CompleteTask(small.id(), key, claimed["revision"]), cat)
    assert last(small, case, "completed")["on_behalf"] == "lea"
    assert row(small, key, "changed_by", "changed_for") == ("cat", "lea")
    small.later(days=3)
    assert acting(small, "cat").absent == frozenset()


def test_a_substitute_for_the_registrar_is_the_registrar_for_four_eyes(small: Small) -> None:
    small.do(SetSubstitute(small.id(), "ann", "lea", "2026-08-03", "2026-08-05"), ANN)
    case = registered(small, acting(small, "lea"))
    assert last(small, case, "completed")["on_behalf"] == "ann"
    for name in ("fire", "health"):
        small.work(at(small, case, name), BOB)
    with pytest.raises(errors.FourEyes):
        small.do(ClaimTask(small.id(), at(small, case, "decide")), acting(small, "lea"))


def test_own_rights_are_never_on_behalf(small: Small) -> None:
    small.do(SetSubstitute(small.id(), "ann", "bob", "2026-08-03", "2026-08-05"), ANN)
    case = registered(small, acting(small, "bob"))
    assert "on_behalf" not in last(small, case, "completed")


def test_a_substitute_takes_over_what_the_absent_person_holds_and_it_ends(small: Small) -> None:
    case = registered(small)
    key = hold(small, case, "fire", ANN)
    with pytest.raises(errors.AlreadyClaimed):
        small.do(ClaimTask(small.id(), key), acting(small, "bob"))
    made = small.do(SetSubstitute(small.id(), "ann", "bob", "2026-08-03", "2026-08-09"), ANN)
    small.do(ClaimTask(small.id(), key), acting(small, "bob"))
    assert row(small, key, "claimed_by") == ("bob",)
    with pytest.raises(errors.Forbidden):
        small.do(EndSubstitute(small.id(), made["substitute"]), CAT)
    small.do(EndSubstitute(small.id(), made["substitute"]), ANN)
    assert acting(small, "bob").absent == frozenset()


def test_nobody_names_a_substitute_for_somebody_else(small: Small) -> None:
    with pytest.raises(errors.Forbidden):
        small.do(SetSubstitute(small.id(), "lea", "cat", "2026-08-03", "2026-08-05"), CAT)
    for first, final in (("2026-08-05", "2026-08-03"), ("2026-07-01", "2026-07-02"), ("x", "y")):
        with pytest.raises(errors.CommandInvalid):
            small.do(SetSubstitute(small.id(), "lea", "cat", first, final), LEA)
    with pytest.raises(errors.CommandInvalid):
        small.do(SetSubstitute(small.id(), "lea", "cat", "2026-08-03", "2026-08-05", "clerk"), LEA)


# ---- back -------------------------------------------------------------------------------------------------------------


def test_sent_back_to_the_applicant_all_departments_stop(small: Small) -> None:
    case = registered(small)
    other = hold(small, case, "health", BOB)
    key = hold(small, case, "fire", ANN)
    items = [{"field": "amount", "reason": "does not match the receipt"}]
    small.do(SendBack(small.id(), key, "correct", items=items), ANN)
    assert open_at(small, case) == ["correct"]
    assert row(small, other, "state") == ("dropped",)
    assert row(small, key, "state", "change") == ("dropped", "sent-back")
    assert last(small, case, "sent-back")["items"] == items
    with pytest.raises(errors.TaskClosed):
        small.do(CompleteTask(small.id(), other, 2), BOB)
    small.work(at(small, case, "correct"), OWNER)
    small.work(at(small, case, "register"), ANN, {"amount": "6"})
    for name in ("fire", "health"):
        small.work(at(small, case, name), BOB)
    assert open_at(small, case) == ["decide"]


def test_straight_back_leaves_the_others_alone_and_comes_back_to_the_sender(small: Small) -> None:
    case = registered(small)
    other = hold(small, case, "health", BOB)
    key = hold(small, case, "fire", ANN)
    small.do(SendBack(small.id(), key, "correct", "sign it", straight=True), ANN)
    assert open_at(small, case) == ["correct", "health"]
    small.work(at(small, case, "correct"), OWNER)
    assert open_at(small, case) == ["fire", "health"]
    again = at(small, case, "fire")
    assert row(small, again, "claimed_by") == ("ann",)
    small.do(CompleteTask(small.id(), again, 1), ANN)
    small.do(CompleteTask(small.id(), other, 2), BOB)
    assert open_at(small, case) == ["decide"]


def test_from_behind_the_join_one_department_works_again_and_the_other_counts_as_done(small: Small) -> None:
    case = registered(small)
    for name in ("fire", "health"):
        small.work(at(small, case, name), BOB)
    key = hold(small, case, "decide", LEA)
    small.do(SendBack(small.id(), key, "fire", "measure again"), LEA)
    assert open_at(small, case) == ["fire"]
    small.work(at(small, case, "fire"), BOB)
    assert open_at(small, case) == ["decide"]


def test_what_is_paid_is_not_gone_back_behind(small: Small) -> None:
    case = registered(small)
    for name in ("fire", "health"):
        small.work(at(small, case, name), BOB)
    small.work(at(small, case, "decide"), LEA)
    small.carrier.drain()
    key = hold(small, case, "note", ANN)
    for target in ("decide", "fire", "correct"):
        with pytest.raises(errors.VerbRefused) as refused:
            small.do(SendBack(small.id(), key, target, "wrong"), ANN)
        assert refused.value.code == "irrevocable"
        assert refused.value.values["element"] == "pay"


def test_sending_back_needs_a_reason_a_done_step_and_the_task_in_hand(small: Small) -> None:
    case = registered(small)
    key = at(small, case, "fire")
    with pytest.raises(errors.NotClaimed):
        small.do(SendBack(small.id(), key, "register", "x"), ANN)
    hold(small, case, "fire", ANN)
    with pytest.raises(errors.CommandInvalid):
        small.do(SendBack(small.id(), key, "register"), ANN)
    with pytest.raises(errors.CommandInvalid):
        small.do(SendBack(small.id(), key, "register", items=[{"field": "amount"}]), ANN)
    with pytest.raises(errors.NotOffered):
        small.do(SendBack(small.id(), key, "decide", "x"), ANN)
    assert open_at(small, case) == ["fire", "health"]


def test_take_back_until_somebody_acts(small: Small) -> None:
    case = registered(small)
    key = at(small, case, "register", "done")
    with pytest.raises(errors.NotOffered):
        small.do(TakeBack(small.id(), key), BOB)
    small.do(TakeBack(small.id(), key), ANN)
    assert open_at(small, case) == ["register"]
    again = at(small, case, "register")
    assert row(small, again, "claimed_by") == ("ann",)
    assert row(small, key, "state", "change") == ("dropped", "taken-back")
    small.do(CompleteTask(small.id(), again, 1, {"amount": "7"}), ANN)
    hold(small, case, "fire", BOB)
    with pytest.raises(errors.NotOffered) as refused:
        small.do(TakeBack(small.id(), again), ANN)
    assert refused.value.values["reason"] == "acted-on"


def test_take_back_gives_the_join_its_arrival_back(small: Small) -> None:
    case = registered(small)
    small.work(at(small, case, "health"), BOB)
    small.work(at(small, case, "fire"), ANN)
    assert open_at(small, case) == ["decide"]
    small.do(TakeBack(small.id(), at(small, case, "fire", "done")), ANN)
    assert open_at(small, case) == ["fire"]
    again = at(small, case, "fire")
    small.do(CompleteTask(small.id(), again, 1), ANN)
    assert open_at(small, case) == ["decide"]


def test_what_went_out_is_not_taken_back(small: Small) -> None:
    case = registered(small)
    for name in ("fire", "health"):
        small.work(at(small, case, name), BOB)
    small.work(at(small, case, "decide"), LEA)
    with pytest.raises(errors.NotOffered) as refused:
        small.do(TakeBack(small.id(), at(small, case, "decide", "done")), LEA)
    assert refused.value.values["reason"] in ("went-out", "model")


def test_only_administrators_jump_and_are_told_what_can_no_longer_open(small: Small) -> None:
    case = registered(small)
    token = int(at(small, case, "fire").rpartition(".")[2])
    admin = person("adm", "administrator", "")
    with pytest.raises(errors.Forbidden):
        small.do(JumpCase(small.id(), case, token, "decide", "stuck"), ANN)
    told = small.do(JumpCase(small.id(), case, token, "decide", "stuck"), admin)
    assert open_at(small, case) == ["decide", "health"]
    assert told["stuck"] == []
    small.work(at(small, case, "health"), BOB)
    assert kinds(small, case).count("jumped") == 1


# ---- signers ----------------------------------------------------------------------------------------------------------


def at_register(small: Small) -> tuple[str, str]:
    case = begun(small)
    small.work(at(small, case, "correct"), OWNER)
    return case, hold(small, case, "register", ANN)


def test_a_signer_beside_gives_an_opinion_and_the_holder_decides(small: Small) -> None:
    case, key = at_register(small)
    small.do(AddSigner(small.id(), key, "bob", reason="second look"), ANN)
    assert open_at(small, case) == ["register", "register"]
    [(other,)] = small.rows(
        "SELECT id FROM task WHERE case_id = ? AND account = 'bob' AND state = 'open'", case
    )
    with pytest.raises(errors.Forbidden):
        small.do(ClaimTask(small.id(), other), CAT)
    small.do(CompleteTask(small.id(), key, int(row(small, key, "revision")[0]), {"amount": "5"}), ANN)
    assert open_at(small, case) == ["register"]
    small.work(other, BOB, {"amount": "9"})
    assert open_at(small, case) == ["fire", "health"]
    known = queries.case(small.bus.store, small.bus.access, BOB, case).variables
    assert (known["amount"], known["register"]["by"]) == (5, "ann")
    assert [opinion["by"] for opinion in known["register_opinions"]] == ["bob"]


def test_a_signer_before_and_one_after(small: Small) -> None:
    case, key = at_register(small)
    small.do(AddSigner(small.id(), key, "bob", "before"), ANN)
    [(first, account)] = small.rows("SELECT id, account FROM task WHERE case_id = ? AND state = 'open'", case)
    assert account == "bob"
    small.work(first, BOB, {"amount": "1"})
    mine = at(small, case, "register")
    assert row(small, mine, "account") == ("ann",)
    small.do(ClaimTask(small.id(), mine), ANN)
    small.do(AddSigner(small.id(), mine, "cat", "after"), ANN)
    small.do(CompleteTask(small.id(), mine, 2, {"amount": "5"}), ANN)
    assert row(small, at(small, case, "register"), "account") == ("cat",)
    small.work(at(small, case, "register"), CAT, {"amount": "2"})
    assert open_at(small, case) == ["fire", "health"]


def test_added_signers_must_be_allowed_and_offered(small: Small) -> None:
    _, key = at_register(small)
    with pytest.raises(errors.Forbidden):
        small.do(AddSigner(small.id(), key, "far"), ANN)
    with pytest.raises(errors.CommandInvalid):
        small.do(AddSigner(small.id(), key, "ann"), ANN)
    small.do(AddSigner(small.id(), key, "bob"), ANN)
    with pytest.raises(errors.Conflict):
        small.do(AddSigner(small.id(), key, "bob"), ANN)
    other = registered(small)
    with pytest.raises(errors.NotOffered):
        small.do(AddSigner(small.id(), hold(small, other, "fire", ANN), "bob"), ANN)


def test_a_dropped_signer_is_not_waited_for(small: Small) -> None:
    case, key = at_register(small)
    small.do(AddSigner(small.id(), key, "bob"), ANN)
    [(other,)] = small.rows(
        "SELECT id FROM task WHERE case_id = ? AND account = 'bob' AND state = 'open'", case
    )
    with pytest.raises(errors.Forbidden):
        small.do(DropSigner(small.id(), other), CAT)
    small.do(DropSigner(small.id(), other, "not needed"), ANN)
    assert row(small, other, "state", "change") == ("dropped", "signer-dropped")
    small.do(CompleteTask(small.id(), key, int(row(small, key, "revision")[0]), {"amount": "5"}), ANN)
    assert open_at(small, case) == ["fire", "health"]


def test_the_boards_majority_is_counted_anew(small: Small) -> None:
    case = small.do(SubmitApplication(small.id(), "board", AREA), ANN)["case"]
    tasks = dict(small.rows("SELECT account, id FROM task WHERE case_id = ?", case))
    assert sorted(tasks) == ["ann", "bob", "cat"]
    mine = hold(small, case, "sign", CAT)
    assert mine == tasks["cat"]
    extra = Actor("dan", "DAN", (Grant("clerk", "140702"),))
    small.do(AddAccount(small.id(), "dan", "DAN", grants=[GrantLine("clerk", "140702")]), INSTALLER)
    small.do(AddSigner(small.id(), mine, "dan"), CAT)
    small.work(tasks["ann"], ANN)
    small.work(at(small, case, "sign"), extra)
    assert open_at(small, case) == ["sign", "sign"], "two of four are no majority"
    small.do(DropSigner(small.id(), tasks["bob"]), CAT)
    assert open_at(small, case) == ["file"], "two of three are"


def test_a_signature_is_taken_back_while_others_are_asked(small: Small) -> None:
    case = small.do(SubmitApplication(small.id(), "board", AREA), ANN)["case"]
    tasks = dict(small.rows("SELECT account, id FROM task WHERE case_id = ?", case))
    small.work(tasks["ann"], ANN)
    assert open_at(small, case) == ["sign", "sign"]
    small.do(TakeBack(small.id(), tasks["ann"]), ANN)
    assert open_at(small, case) == ["sign", "sign", "sign"]
    for account, actor in (("ann", ANN), ("bob", BOB)):
        [(key,)] = small.rows(
            "SELECT id FROM task WHERE case_id = ? AND account = ? AND state = 'open'", case, account
        )
        claimed = small.do(ClaimTask(small.id(), key), actor)
        small.do(CompleteTask(small.id(), key, claimed["revision"]), actor)
    assert open_at(small, case) == ["file"]


# ---- what is offered --------------------------------------------------------------------------------------------------


def test_what_is_offered_and_why_not(small: Small) -> None:
    case = registered(small)
    key = hold(small, case, "fire", ANN)

    def asked(actor: Actor, key: str) -> dict[str, Offer]:
        found = verbs_of(small.bus.store, small.bus.access, small.bus.office.packages, actor, key)
        return {offer.verb: offer for offer in found}

    mine = asked(ANN, key)
    assert mine["transfer"].offered
    assert mine["send_back"].targets == ("correct", "register")
    assert (mine["add_signer"].offered, mine["add_signer"].reason) == (False, "model")
    others = asked(BOB, key)
    assert (others["transfer"].reason, others["urge"].offered) == ("not-mine", True)
    done = asked(ANN, at(small, case, "register", "done"))
    assert (done["take_back"].offered, done["take_back"].reason) == (False, "acted-on")
