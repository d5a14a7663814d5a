"""Ids sort by when they were made, within a process without exception."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

from frontdesk.kernel.ids import new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = new_id()
    assert made.version == 7
    assert made.variant == RFC_4122


def test_ten_thousand_ids_are_distinct_and_in_order() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert [str(one) for one in made] == sorted(str(one) for one in made)


def test_an_id_tells_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    stamp = new_id().int >> 80
    after = time.time_ns() // 1_000_000
    assert before <= stamp <= after + 1  # ids made faster than the clock ticks run ahead of it


def test_ids_differ_in_62_random_bits() -> None:
    assert len({new_id().int & (2**62 - 1) for _ in range(1_000)}) == 1_000


def test_ids_made_in_several_threads_are_distinct() -> None:
    def batch(size: int) -> list[UUID]:
        return [new_id() for _ in range(size)]

    with ThreadPoolExecutor(4) as pool:
        made = [one for ids in pool.map(batch, [2_000] * 4) for one in ids]
    assert len(set(made)) == len(made)
