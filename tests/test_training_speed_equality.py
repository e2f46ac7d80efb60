"""The quick loop must be the tutorial's loop, to the last bit."""

import pytest
import torch
from torch.utils.data import DataLoader

from bookrec_helpers.dataset import BookDataset, make_loader
from bookrec_helpers.encoding import encode
from bookrec_helpers.library import planted_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.training import fit
from tests.literal import literal_loop


@pytest.fixture(scope="module")
def encoding():
    return encode(planted_library(40, 30, 5, 1_003, seed=1).data)


def new_model(encoding, **options):
    torch.manual_seed(3)
    return BookRecommendationModel(*encoding.sizes.values(), 4, 5, 2, **options)


def same_weights(one, other):
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("batch_size", [64, 59])  # 1,003 rows: a last batch of 43, and none
@pytest.mark.parametrize("epochs", [1, 3])
def test_fit_ends_with_the_very_weights_of_the_tutorials_loop(encoding, batch_size, epochs):
    literal, ours = new_model(encoding), new_model(encoding)
    torch.manual_seed(7)
    rows = BookDataset(encoding.frame)
    literal_loop(literal, DataLoader(rows, batch_size, shuffle=True), epochs, fused=True)
    torch.manual_seed(7)
    fit(ours, make_loader(BookDataset(encoding.frame), batch_size), epochs)
    assert same_weights(literal, ours)
    assert not same_weights(ours, new_model(encoding))


@pytest.mark.parametrize("epochs", [1, 3])
def test_the_loaders_seed_is_a_dataloaders_generator(encoding, epochs):
    literal, ours = new_model(encoding), new_model(encoding)
    generator = torch.Generator().manual_seed(11)
    rows = BookDataset(encoding.frame)
    literal_loop(
        literal, DataLoader(rows, 64, shuffle=True, generator=generator), epochs, fused=True
    )
    fit(ours, make_loader(BookDataset(encoding.frame), 64, seed=11), epochs)
    assert same_weights(literal, ours)


@pytest.mark.parametrize("shuffle", [True, False])
def test_every_batch_is_a_plain_dataloaders(encoding, shuffle):
    dataset = BookDataset(encoding.frame)
    torch.manual_seed(5)
    plain = [batch for _ in range(2) for batch in DataLoader(dataset, 100, shuffle=shuffle)]
    torch.manual_seed(5)
    loader = make_loader(dataset, 100, shuffle)
    quick = [batch for _ in range(2) for batch in loader]
    assert len(loader) == len(plain) / 2 == 11
    for ours, theirs in zip(quick, plain, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert torch.equal(a, b) and a.dtype == b.dtype


def test_rows_to_check_with_do_not_change_what_is_learned(encoding):
    with_check, without = new_model(encoding), new_model(encoding)
    rows = BookDataset(encoding.frame)
    torch.manual_seed(2)
    fit(without, make_loader(rows, 100), 2)
    torch.manual_seed(2)
    fit(with_check, make_loader(rows, 100), 2, validation=make_loader(rows, 100, shuffle=False))
    assert same_weights(with_check, without)


def test_fit_gives_the_callers_settings_back(encoding):
    def flushes():
        return (torch.tensor(torch.finfo(torch.float32).tiny) / 2).item() == 0

    threads, before = torch.get_num_threads(), flushes()
    try:
        for flushing in (True, False):
            torch.set_flush_denormal(flushing)
            torch.set_num_threads(2)
            fit(new_model(encoding), make_loader(BookDataset(encoding.frame), 500), 1)
            assert flushes() is flushing
            assert torch.get_num_threads() == 2
    finally:
        torch.set_flush_denormal(before)
        torch.set_num_threads(threads)
