"""Settings that Frontdesk itself reads are checked when they are written."""

from typing import Any

import pytest

from frontdesk.domains.model import check_settings
from frontdesk.kernel.errors import Unprocessable


@pytest.mark.parametrize("country", ["ES", "es", "IN", None])
def test_a_country_is_two_letters_of_one_that_there_is(country: str | None) -> None:
    check_settings({"default_country": country})


@pytest.mark.parametrize("country", ["", "E", "ESP", "Spain", "XX", "001", "+34", 34, ["ES"]])
def test_what_is_no_country_is_refused_with_what_is(country: Any) -> None:
    with pytest.raises(Unprocessable, match=r"default_country is .*such as ES"):
        check_settings({"default_country": country})


@pytest.mark.parametrize("types", [[], ["recall"], ["x" * 40] * 50, ["Erinnerung für 2"], None])
def test_call_types_are_a_list_of_names(types: list[str] | None) -> None:
    check_settings({"call_types": types})


@pytest.mark.parametrize(
    "types", ["recall", {"a": 1}, [""], [" x"], ["a\nb"], ["x" * 41], ["x"] * 51, [3], [None]]
)
def test_other_call_types_are_refused_with_what_is_allowed(types: Any) -> None:
    with pytest.raises(Unprocessable, match=r"call_types is .*list of up to 50 names"):
        check_settings({"call_types": types})
