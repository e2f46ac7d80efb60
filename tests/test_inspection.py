"""What tables hold."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.decomposition import PCA

from bookrec_helpers.encoding import encode
from bookrec_helpers.inspection import embedding_table, movement, nearest, project, spectrum
from bookrec_helpers.library import magical_library
from bookrec_helpers.model import BookRecommendationModel


@pytest.fixture
def encoding():
    return encode(magical_library())


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((40, 6)) * [5, 3, 1, 1, 1, 1]
    return pd.DataFrame(vectors, [f"book {i}" for i in range(40)])


def test_a_table_carries_the_names_of_its_rows(encoding):
    model = BookRecommendationModel(3, 4, 3)
    books = embedding_table(model, "book", encoding)
    assert books.index.tolist() == [101, 102, 103, 104] and books.index.name == "BookID"
    assert np.array_equal(books, model.book_embedding.weight.detach())
    assert embedding_table(model, "genre", encoding).index[2] == "Mystery"


def test_a_table_is_a_copy(encoding):
    model = BookRecommendationModel(3, 4, 3)
    table = embedding_table(model, "user", encoding)
    table.loc[1, "dim 0"] = 99
    assert model.user_embedding.weight[0, 0] != 99


def test_the_reserved_row_is_named():
    encoding = encode(magical_library(), unknown="reserve")
    model = BookRecommendationModel(*encoding.sizes.values())
    assert embedding_table(model, "user", encoding).index.tolist() == [1, 2, 3, "(unknown)"]


def test_tables_and_encodings_must_belong_together(encoding):
    with pytest.raises(ValueError, match="table must be one of"):
        embedding_table(BookRecommendationModel(3, 4, 3), "reader", encoding)
    with pytest.raises(ValueError, match=r"has 9 rows.*has 4 for 'BookID'"):
        embedding_table(BookRecommendationModel(3, 9, 3), "book", encoding)


def test_nearest_is_by_angle_not_by_length():
    vectors = {"a": [1, 0], "long": [9, 1], "near": [1, 0.5], "across": [0, 1], "back": [-1, 0]}
    found = nearest(pd.DataFrame(vectors).T, "a")
    assert found.index.tolist() == ["long", "near", "across", "back"]
    assert found["cosine"].tolist() == pytest.approx([9 / 82**0.5, 1 / 1.25**0.5, 0, -1])
    assert len(nearest(pd.DataFrame(vectors).T, "a", k=2)) == 2


def test_nearest_refuses_a_stranger(table):
    with pytest.raises(ValueError, match="no row 'book 99'"):
        nearest(table, "book 99")
    with pytest.raises(ValueError, match="k must be at least 1"):
        nearest(table, "book 1", k=0)


def test_a_projection_is_the_pca(table):
    flat = project(table)
    pca = PCA(6).fit(table.to_numpy())
    assert np.allclose(flat.points, pca.transform(table.to_numpy())[:, :2])
    assert np.allclose(flat.shares, pca.explained_variance_ratio_[:2])
    assert flat.points.index.equals(table.index)
    assert np.allclose(flat.place(table[:5].to_numpy()), flat.points[:5])


def test_one_number_has_no_second_direction(table):
    flat = project(table[[0]])
    assert (flat.points["y"] == 0).all()
    assert flat.shares.tolist() == pytest.approx([1, 0])


def test_vectors_that_are_all_alike_have_no_direction():
    with pytest.raises(ValueError, match="vectors are all alike"):
        project(pd.DataFrame(np.ones((3, 2))))


@pytest.mark.parametrize("function", [project, spectrum])
def test_maps_need_numbers(function, table):
    with pytest.raises(TypeError, match="data frame"):
        function(table.to_numpy())
    with pytest.raises(TypeError, match="data frame"):
        function(table.astype(str))
    with pytest.raises(ValueError, match="2 rows"):
        function(table[:1])
    with pytest.raises(ValueError, match="missing or infinite"):
        function(table.where(table < 1))


def test_movement_is_a_share_of_the_final_spread():
    after = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    assert movement(after, after) == 0
    assert movement(after + np.array([0.5, 0]), after) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="one shape"):
        movement(after, after[:2])


@pytest.mark.parametrize("true", [1, 2, 3, 4])
def test_the_spectrum_counts_the_directions_that_were_planted(true):
    rng = np.random.default_rng(true)
    low_rank = rng.standard_normal((200, true)) @ rng.standard_normal((true, 50))
    found = spectrum(pd.DataFrame(low_rank + 0.4 * rng.standard_normal((200, 50))))
    assert found["stands_out"].sum() == true
    assert found[["share", "untrained"]].sum().tolist() == pytest.approx([1, 1])
    assert found["share"].is_monotonic_decreasing


def test_nothing_stands_out_of_noise():
    torch.manual_seed(0)
    noise = pd.DataFrame(torch.randn(200, 50).numpy())
    assert spectrum(noise)["stands_out"].sum() == 0
