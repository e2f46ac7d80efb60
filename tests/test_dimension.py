"""Rules of thumb and what tables cost."""

import pytest

from bookrec_helpers.dimension import RULES, embedding_dimension, table_bytes, table_parameters


@pytest.mark.parametrize("n, d", [(1, 1), (2, 1), (3, 2), (10, 5), (99, 50), (1000, 50)])
def test_the_rule_is_half_rounded_up_at_most_fifty(n, d):
    assert embedding_dimension(n) == d


def test_the_cap_can_be_moved():
    assert embedding_dimension(1000, cap=10) == 10
    assert embedding_dimension(1000, cap=600) == 500


def test_the_published_rules_give_the_published_values():
    assert [rule(1000) for rule in RULES.values()] == [50, 77, 6, 34]
    assert [rule(1) for rule in RULES.values()] == [1, 2, 1, 6]
    assert all(rule.source and rule.name == name for name, rule in RULES.items())


def test_a_table_costs_rows_times_columns():
    assert table_parameters(10_000, 50) == 500_000
    assert table_bytes(10_000, 50) == 2_000_000


@pytest.mark.parametrize("function", [embedding_dimension, *RULES.values()])
@pytest.mark.parametrize(
    "n, error",
    [(0, ValueError), (-3, ValueError), (2.5, TypeError), ("10", TypeError), (None, TypeError),
     (True, TypeError), (float("nan"), TypeError), (float("inf"), TypeError)],
)  # fmt: skip
def test_only_whole_numbers_from_one_on(function, n, error):
    with pytest.raises(error, match="must be"):
        function(n)


@pytest.mark.parametrize(
    "n, d, words", [(0, 3, "n must"), (3, 0, "dimension must"), (3, 1.5, "dim")]
)
def test_tables_without_rows_or_columns_are_refused(n, d, words):
    with pytest.raises((TypeError, ValueError), match=words):
        table_bytes(n, d)
