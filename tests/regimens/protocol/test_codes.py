"""Codes and sources: everything that may be said has words, a rule, and a document behind it."""

import json
from datetime import date
from pathlib import Path

import pytest

from regimens.protocol.codes import CODES, OWN_CODES, Code, Finding, Kind, Passer, finding, to_confirm
from regimens.protocol.sources import BNF, NG239, POLICY, REFERENCES, RULES, SMPC, SOURCE_PAGE, RuleKind, cite

CASES = json.loads(Path(__file__, "../../../clinical/cases.json").resolve().read_text(encoding="utf-8"))


def test_every_code_of_the_case_format_is_known_and_the_rest_are_our_own():
    assert set(CODES) - OWN_CODES == set(CASES["meta"]["codes"])
    assert not OWN_CODES & set(CASES["meta"]["codes"])


@pytest.mark.parametrize("code", CODES.values(), ids=list(CODES))
def test_a_code_says_one_plain_sentence_and_names_its_rules(code):
    assert code.message.endswith(".")
    assert code.message[0].isupper()
    assert len(code.message) <= 140
    assert code.rules
    assert all(rule in RULES for rule in code.rules)


def test_the_first_letter_says_what_a_code_does():
    kinds = {"B-AGE-U16": Kind.BLOCK, "H-K-LOW": Kind.HOLD, "W-COBALT": Kind.WARNING, "A-LAPSED": Kind.ALERT}
    for code, kind in kinds.items():
        assert CODES[code].kind is finding(code).kind is kind
    assert [finding(code).stops for code in kinds] == [True, True, False, False]


def test_only_what_stops_can_be_passed():
    for code in CODES.values():
        assert (code.passable_by is Passer.NOT_NEEDED) is (code.code[0] in "WA"), code.code


def test_what_a_physician_decides_the_same_day():
    assert {code.code for code in CODES.values() if code.same_day} == {
        "H-K-LOW", "W-NEURO-SPECIALIST", "W-PLT-NEURO-URGENT", "W-FOLATE-CURRENT", "W-HCY-URGENT", "A-NEURO-GAP",
    }  # fmt: skip


def test_a_finding_takes_the_answers_of_the_table_unless_it_has_its_own():
    plain = finding("B-EARLY-DOSE")
    assert (plain.passable_by, plain.pass_with, plain.same_day, plain.detail) == (
        Passer.PHYSICIAN,
        "a physician authorises the dose, with a reason",
        False,
        "",
    )
    assert plain.message == CODES["B-EARLY-DOSE"].message
    own = finding("H-K-LOW", "3.1", passable_by=Passer.NOBODY, pass_with="", same_day=False)
    assert (own.detail, own.passable_by, own.pass_with, own.same_day) == ("3.1", Passer.NOBODY, "", False)


def test_a_finding_is_no_matter_of_the_same_day_unless_said():
    bare = Finding("B-ROLE", "Only a physician may do this.")
    assert (bare.same_day, bare.detail, bare.pass_with) == (False, "", "")
    assert not Code("B-ROLE", "Only a physician may do this.", ("D-24",)).same_day


def test_a_code_nobody_knows_is_not_raised():
    with pytest.raises(KeyError):
        finding("B-TYPO")


def test_a_finding_is_stored_as_plain_values():
    assert finding("H-K-LOW", "3.1").to_json() == {
        "code": "H-K-LOW",
        "message": CODES["H-K-LOW"].message,
        "detail": "3.1",
        "passable_by": "physician",
        "pass_with": "a physician authorises one dose, with a reason",
        "same_day": True,
    }


def ids(letter, *numbers):
    return {f"{letter}-{number:02d}" for number in numbers}


def test_every_rule_of_the_draft_is_here():
    stated = ids("R", *range(1, 8), *range(10, 24), *range(25, 28), *range(34, 38), 40, 41, 42, 44, 50)
    stated = stated - {"R-08"} | {"R-24a", "R-24b"}
    expected = stated | ids("C", *range(1, 17)) | ids("D", *range(1, 33)) | ids("H", *range(1, 19))
    assert set(RULES) == expected


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_has_words_documents_and_a_day(rule):
    assert rule.text.endswith(".")
    assert rule.sources
    assert all(source in REFERENCES.values() for source in rule.sources)
    assert rule.checked_on == date(2026, 11, 22)
    assert bool(rule.page_says and rule.others_say) is (rule.kind is RuleKind.CONFLICT)
    assert bool(rule.decided_by) is (rule.kind is RuleKind.DEFAULT)
    assert bool(rule.risk) is (rule.kind is RuleKind.HAZARD)


def test_a_document_was_read_or_is_only_recalled():
    assert SOURCE_PAGE.seen
    assert SOURCE_PAGE.standing == "checked 22 November 2026"
    assert not REFERENCES["K05"].seen
    assert REFERENCES["K05"].standing == "recalled, not seen"
    assert all(source.seen == (not code.startswith("K")) for code, source in REFERENCES.items())


def test_every_document_that_was_read_has_an_address():
    read = [source for code, source in REFERENCES.items() if code.startswith("S")]
    assert len(read) == 45
    assert all(source.where.startswith("http") for source in read)
    assert len(REFERENCES) == 45 + 11 + 1


def test_the_documents_cited_most_have_names():
    assert [source.code for source in (BNF, SMPC, NG239, SOURCE_PAGE, POLICY)] == [
        "S20",
        "S06",
        "S12",
        "S01",
        "POLICY",
    ]


def test_rules_are_cited_by_their_ids():
    assert [rule.id for rule in cite("R-12", "D-03")] == ["R-12", "D-03"]
    with pytest.raises(KeyError):
        cite("R-99")


def test_a_physician_confirms_only_what_a_rule_asks_to_be_confirmed():
    asked = to_confirm([*CODES, *CODES])
    assert [code.code for code in asked] == [
        "W-MULTI-POP",
        "W-ILEAL-BOUNDARY",
        "W-CROHN-EVIDENCE",
        "W-COBALT",
        "W-SC-OFFLABEL",
    ]
    assert all(code.kind is Kind.WARNING for code in asked), "a stop asks for a reason instead"
    assert to_confirm(["W-MAINT-CHOOSE", "A-CODE-OF-OLD"]) == ()
