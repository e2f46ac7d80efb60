"""From codes to batches."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader

from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.library import magical_library


@pytest.fixture
def frame():
    return encode(magical_library()).frame


def test_a_row_is_three_codes_and_a_label(frame):
    user, book, genre, label = BookDataset(frame)[3]
    assert (user.item(), book.item(), genre.item(), label.item()) == (1, 2, 2, 0.0)
    assert label.dtype == torch.float32 and user.shape == ()


def test_many_rows_come_as_columns(frame):
    users, books, _, labels = BookDataset(frame)[[0, 3, 5]]
    assert users.tolist() == [0, 1, 2] and books.tolist() == [0, 2, 1]
    assert labels.tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("batch_size", [1, 2, 4, 5, 6, 100])
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_batches_are_those_of_a_plain_dataloader(frame, batch_size, shuffle):
    dataset = BookDataset(frame)
    torch.manual_seed(3)
    expected = [batch for _ in range(2) for batch in DataLoader(dataset, batch_size, shuffle)]
    torch.manual_seed(3)
    given = [batch for _ in range(2) for batch in make_loader(dataset, batch_size, shuffle)]
    assert len(given) == len(expected)
    for ours, plain in zip(given, expected):
        assert all(torch.equal(a, b) for a, b in zip(ours, plain))


def test_a_seeded_loader_repeats_its_order(frame):
    first, again, other = (
        [b[1].tolist() for b in make_loader(BookDataset(frame), 2, seed=s)] for s in (4, 4, 5)
    )
    assert first == again != other


def test_split_keeps_each_row_once(frame):
    big = pd.concat([frame] * 20, ignore_index=True)
    train, validation = split(big, validation=0.25, seed=1)
    assert len(validation) == 30
    assert sorted([*train.index, *validation.index]) == list(range(120))
    assert not train.equals(split(big, validation=0.25, seed=2)[0])


@pytest.mark.parametrize(
    "share, words",
    [(0.0, "between"), (1.0, "between"), (-0.1, "between"), (0.01, "no validation"),
     (0.99, "no training"), (1, "between"), ("0.2", "between"), (float("nan"), "between")],
)  # fmt: skip
def test_a_split_leaves_rows_on_both_sides(frame, share, words):
    with pytest.raises(ValueError, match=words):
        split(frame, validation=share)


BAD = {
    "list": ([1], TypeError, "data frame"),
    "names": ({"Genre": ["a", "b", "c", "d", "e", "f"]}, TypeError, "'Genre' must hold codes"),
    "floats": ({"BookID": np.arange(6.0)}, TypeError, "'BookID' must hold codes"),
    "negative": (
        {"UserID": [-1, 0, 1, 2, 3, 4]},
        ValueError,
        r"'UserID' has the code -1.*means missing",
    ),
    "label nan": ({"Liked": [1, 0, np.nan, 0, 1, 1]}, ValueError, "'Liked' has 1 missing labels"),
    "label 5": ({"Liked": [1, 0, 5, 0, 1, 1]}, ValueError, r"'Liked' must become 0 or 1.*\[5\]"),
}


@pytest.mark.parametrize("changes, error, words", BAD.values(), ids=BAD)
def test_frames_that_are_no_codes_are_refused(frame, changes, error, words):
    bad = frame.assign(**changes) if isinstance(changes, dict) else changes
    with pytest.raises(error, match=words):
        BookDataset(bad)


def test_loaders_need_rows_and_a_batch_size(frame):
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        make_loader(BookDataset(frame), 0)
    with pytest.raises(TypeError, match="batch_size"):
        make_loader(BookDataset(frame), 2.0)
    with pytest.raises(ValueError, match="no rows"):
        make_loader(BookDataset(frame.iloc[:0]), 2)


def test_rows_without_a_label_can_be_fetched(frame):
    rows = BookDataset(frame.drop(columns="Liked"))
    assert rows.labels.isnan().all() and torch.equal(rows.users, BookDataset(frame).users)


LIBRARY = pd.DataFrame(
    {"UserID": np.repeat(np.arange(20), 10), "BookID": np.tile(np.arange(10), 20)}
)


@pytest.mark.parametrize("by", ["row", "reader", "time"])
@pytest.mark.parametrize("test", [None, 0.1])
def test_parts_share_no_row_and_hold_all(by, test):
    times = pd.Series(np.random.default_rng(1).permutation(200), LIBRARY.index)
    parts = split(LIBRARY, 0.3, 1, test=test, by=by, times=times)
    assert [len(part) for part in parts[1:]] == ([60] if test is None else [60, 20])
    assert sorted(np.concatenate([part.index for part in parts])) == list(range(200))


def test_a_reader_stands_in_one_part_only(capsys):
    parts = split(LIBRARY, 0.3, test=0.2, by="reader")
    readers = [set(part["UserID"]) for part in parts]
    assert [len(own) for own in readers] == [10, 6, 4] and len(set.union(*readers)) == 20
    assert "60 of 60 validation rows have a reader or a book" in capsys.readouterr().out


def test_the_last_in_time_are_held_back():
    times = pd.Series(pd.date_range("2026-01-01", periods=200)[::-1], LIBRARY.index)
    train, validation, test = split(LIBRARY, 0.25, test=0.05, by="time", times=times)
    assert times[train.index].max() < times[validation.index].min()
    assert times[validation.index].max() < times[test.index].min()


def test_a_split_tells_of_strangers_and_of_repeats_and_else_nothing(capsys):
    split(LIBRARY)
    assert capsys.readouterr().out == ""
    split(pd.concat([LIBRARY, LIBRARY], ignore_index=True), seed=3)
    assert "of 80 validation rows repeat a pair of reader and book" in capsys.readouterr().out
    split(LIBRARY.assign(UserID=range(200)))
    assert "40 of 40 validation rows have a reader or a book" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options, words",
    [
        ({"by": "date"}, "by must be one of"),
        ({"by": "time"}, "needs times: a column of your own table"),
        ({"by": "time", "times": pd.Series([1, 2])}, "for each of these 200 rows"),
        ({"by": "time", "times": pd.Series(range(1, 201), range(1, 201))}, "same index"),
        ({"validation": 0.6, "test": 0.5}, "no training rows"),
        ({"validation": 0.001}, "no validation rows"),
        ({"test": 2}, "test must be a share"),
    ],
)
def test_parts_that_cannot_be_made_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        split(LIBRARY, **options)
