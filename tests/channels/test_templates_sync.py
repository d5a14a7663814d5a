"""What a carrier lists becomes what is stored, and nothing is lost that something may need."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from channels.test_templates_model import template
from frontdesk.channels.templates_model import Template
from frontdesk.channels.templates_sync import Comparison, compare
from frontdesk.kernel.templates import CarrierTemplate

LISTED = CarrierTemplate("HX1", "order_update", "en", "utility", "approved", "Hello")


def stored(listed: CarrierTemplate, number: int = 1) -> Template:
    fields: dict[str, Any] = {
        name: getattr(listed, name)
        for name in ("carrier_id", "name", "language", "category", "status", "body")
    }
    return template(template_id=UUID(int=number), **fields)


def applied(known: list[Template], found: Comparison) -> list[Template]:
    """The stored templates after a comparison, as the database would have them."""
    changed = dict(found.changed)
    kept = [
        stored(changed[each.template_id], each.template_id.int)
        if each.template_id in changed
        else replace(each, status="disabled")
        if each.template_id in found.vanished
        else each
        for each in known
    ]
    return kept + [
        stored(each, 1000 + place + len(known)) for place, each in enumerate(found.added)
    ]


def test_new_changed_and_vanished_templates_are_told_apart() -> None:
    other = replace(LISTED, carrier_id="HX2", name="other")
    known = [stored(LISTED, 1), stored(other, 2)]
    new = replace(LISTED, carrier_id="HX3", name="new")
    paused = replace(LISTED, status="paused", status_reason="quality")
    found = compare(known, [paused, new])
    assert found.added == [new]
    assert found.changed == [(UUID(int=1), paused)]
    assert found.vanished == [UUID(int=2)]


def test_nothing_is_written_where_nothing_changed() -> None:
    listed = replace(LISTED, buttons=({"kind": "reply", "text": "Yes"},))
    known = replace(stored(LISTED), buttons=[{"kind": "reply", "text": "Yes"}])
    assert compare([known], [listed]) == Comparison()
    gone = replace(known, status="disabled", template_id=UUID(int=2), name="gone", carrier_id="HX9")
    assert compare([known, gone], [listed]) == Comparison(), "what is gone is said once"


def test_a_template_that_was_made_anew_keeps_its_place() -> None:
    again = replace(LISTED, carrier_id="HX2")
    found = compare([stored(LISTED)], [again])
    assert found.changed == [(UUID(int=1), again)]
    assert (found.added, found.vanished) == ([], [])


def test_an_approved_template_has_the_name_that_two_have() -> None:
    draft = replace(LISTED, carrier_id="HX0000000000002", status="draft")
    first, second = compare([], [draft, LISTED]).added
    assert (first.carrier_id, first.name) == ("HX1", "order_update")
    assert second.name == "order_update (00000002)"


CARRIERS = st.lists(
    st.builds(
        CarrierTemplate,
        carrier_id=st.integers(1, 6).map(lambda number: f"HX{number:08}"),
        name=st.sampled_from(["a", "b", "c"]),
        language=st.sampled_from(["en", "es"]),
        category=st.just("utility"),
        status=st.sampled_from(["approved", "pending", "rejected"]),
        body=st.sampled_from(["x", "y"]),
    ),
    max_size=6,
    unique_by=lambda each: each.carrier_id,
)


@given(st.lists(CARRIERS, min_size=1, max_size=5))
def test_however_lists_follow_each_other_names_stay_unique_and_the_last_list_holds(
    lists: list[list[CarrierTemplate]],
) -> None:
    known: list[Template] = []
    for listed in lists:
        before = {each.template_id for each in known}
        known = applied(known, compare(known, listed))
        assert before <= {each.template_id for each in known}, "nothing is deleted"
        keys = [(each.name, each.language) for each in known]
        assert len(keys) == len(set(keys))
        usable = {each.carrier_id: each.status for each in known if each.status != "disabled"}
        assert usable == {each.carrier_id: each.status for each in listed}
        assert compare(known, listed) == Comparison(), "a second look finds nothing to do"
