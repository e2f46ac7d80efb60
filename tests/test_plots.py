"""The pictures: each shows itself, says itself in a sentence, and clips none of its words."""

import io
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.image import imread
from matplotlib.text import Text

from bookrec_helpers import plots
from bookrec_helpers.dimension import RULES
from bookrec_helpers.inspection import project, spectrum
from bookrec_helpers.labels import ink, place_labels


def table(rows, columns, seed=0):
    vectors = np.random.default_rng(seed).standard_normal((rows, columns))
    return pd.DataFrame(vectors, [f"row {i}" for i in range(rows)]).add_prefix("dim ")


def one_hot():
    genres = ["Fantasy", "Romance", "Mystery"]
    return plots.one_hot_and_embedding(
        pd.DataFrame(np.eye(3, dtype=int), genres, genres), table(3, 2).round(1).set_axis(genres)
    )


def rules():
    n = [1, 10, 1000, 10**6]
    return plots.rules(pd.DataFrame({name: map(rule, n) for name, rule in RULES.items()}, n))


def parameters():
    counts = pd.DataFrame({"small": [9, 12, 288], "large": [50_000, 500_000, 3_872]})
    return plots.parameters(counts.set_index(pd.Index(["user_embedding", "book_embedding", "fc1"])))


def losses(train=(0.7, 0.5, 0.3), validation=(0.69, 0.55, 0.6)):
    frame = pd.DataFrame({"train_loss": train, "validation_loss": validation}, index=[1, 2, 3])
    return plots.losses(frame, floor=0.4)


def journeys():
    before, after = table(4, 3).to_numpy(), table(4, 3, seed=1).to_numpy()
    return plots.journeys(
        {"N(0, 1)": (before, before + 0.1), "N(0, 0.1)": (before, after)}, list("abcd")
    )


def small_map():
    flat = project(table(4, 3))
    genre_of = pd.Series(["Fantasy", "Romance", "Mystery", "Fantasy"], flat.points.index)
    return plots.embedding_map(flat, genre_of, named=flat.points.index)


def large_map():
    flat = project(table(200, 8))
    genre_of = pd.Series(np.arange(200) % 12, flat.points.index).map("Genre {}".format)
    return plots.embedding_map(flat, genre_of, only=["Genre 1", "Genre 5"])


def swept():
    dims = pd.Index([1, 2, 3, 50], name="dimension")
    curve = pd.DataFrame({"mean": [0.6, 0.5, 0.4, 0.42], "error": 0.01}, dims)
    both = pd.concat({"small start": curve, "large start": curve + 0.001}, axis=1)
    return plots.sweep(both, {"noise floor": 0.35}, {"min(50, n / 2)": 50, "n^(1/4)": 4})


def swept_runs():
    dims = pd.Index([1, 2, 3], name="dimension")
    runs = pd.DataFrame([[0.6, 0.62], [0.5, 0.58], [0.4, 0.41]], dims)
    curve = pd.DataFrame({"mean": runs.mean(axis=1), "error": 0.01})
    return plots.sweep(curve, {}, {}, runs)


def dialed(dimension=2, truth=2):
    dims = pd.RangeIndex(5, name="dimension")
    curve = pd.DataFrame({"loss": [0.69, 0.5, 0.4, 0.401, 0.402], "error": 0.001}, dims)
    return plots.dial(curve, pd.Series([2.0, 1.5, 0.1, 0.0], range(1, 5)), dimension, 0.35, truth)


def directions():
    return plots.spectrum(spectrum(table(200, 50)))


PICTURES = [one_hot, rules, parameters, losses, journeys, small_map, large_map, swept, swept_runs,
            dialed, directions]  # fmt: skip


@pytest.mark.parametrize("draw", PICTURES)
def test_a_picture_shows_itself_and_says_itself(draw):
    picture = draw()
    data, metadata = picture._repr_mimebundle_()
    pixels = imread(io.BytesIO(data["image/png"]))
    assert pixels.shape[:2] == (504, 1152)
    assert (pixels[0, 0] == 1).all() and pixels[..., :3].std() > 0.02
    assert data["text/plain"].endswith(".") and "\n" not in data["text/plain"]
    assert metadata["image/png"] == {"width": 960, "height": 420, "alt": data["text/plain"]}


@pytest.mark.parametrize("draw", PICTURES)
def test_no_words_are_clipped(draw):
    picture = draw()
    picture.canvas.draw()
    for axes in picture.axes:
        box = axes.get_tightbbox()
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= 1153 and box.y1 <= 505
        assert inside, f"{axes.get_xlabel()!r} reaches out of the picture: {box}"


def test_the_sentence_has_the_numbers_of_the_picture():
    assert "lowest, 0.550, at epoch 2 and ends at 0.600" in losses().alt
    assert "ends at 600" in rules().alt
    assert "small start: lowest at 3, 0.400" in swept().alt
    assert "0 directions stand out" in directions().alt
    assert "At dimension 1 the held-back loss is 0.500; it is lowest, 0.400, at 2" in dialed(1).alt


def test_every_run_of_a_sweep_is_a_dot():
    points = np.concatenate([line.get_xydata() for line in swept_runs().axes[0].lines])
    for dot in [(1, 0.6), (1, 0.62), (2, 0.5), (2, 0.58), (3, 0.4), (3, 0.41)]:
        assert (points == dot).all(axis=1).any()


def test_the_directions_that_the_dial_keeps_are_dark():
    bars = dialed(dimension=3).axes[1].patches
    dark = [bar.get_facecolor() == to_rgba(plots.BLUE) for bar in bars]
    assert dark == [True, True, True, False]


def test_names_of_curves_that_end_together_do_not_overlap():
    picture = losses(train=(0.7, 0.5, 0.5), validation=(0.69, 0.55, 0.501))
    picture.canvas.draw()
    ends = [t for t in picture.findobj(Text) if t.get_text()[:5] in ("train", "valid")]
    lower, upper = sorted((text.get_window_extent() for text in ends), key=lambda box: box.y0)
    assert upper.y0 >= lower.y1 - 2


def test_a_label_covers_no_words_that_stand_there_already():
    picture = plots.blank()
    axes = picture.axes[0]
    there = axes.text(0.5, 0.5, "validation 0.467", va="center")  # right of the point
    label = axes.text(0, 0, "best: epoch 7")
    place_labels([label], [(0.48, 0.5)], np.array([(0.48, 0.5)]))
    picture.canvas.draw()
    assert not label.get_window_extent().overlaps(there.get_window_extent())


def test_the_dimensions_below_a_sweep_do_not_overlap():
    curve = pd.DataFrame({"mean": 0.5, "error": 0.01}, range(1, 17))
    picture = plots.sweep(curve, {}, {})
    picture.canvas.draw()
    told = [text for text in picture.axes[0].get_xticklabels() if text.get_text()]
    boxes = sorted((text.get_window_extent() for text in told), key=lambda box: box.x0)
    assert {"1", "8", "16"} <= {text.get_text() for text in told}
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_names_in_a_map_cover_no_point():
    picture = small_map()
    picture.canvas.draw()
    axes = picture.axes[0]
    points = np.concatenate(
        [
            axes.transData.transform(line.get_xydata())
            for line in axes.lines
            if len(line.get_xydata())
        ]
    )
    for text in axes.texts:
        box = text.get_window_extent()
        assert not any(box.contains(*point) for point in points), text.get_text()


def map_of(genres, **options):
    flat = project(table(len(genres), 3))
    return plots.embedding_map(flat, pd.Series(genres, flat.points.index), **options)


@pytest.mark.parametrize("many", [7, 8, 12])
def test_each_of_up_to_twelve_genres_has_a_color_and_a_marker_of_its_own(many):
    picture = map_of([f"Genre {i % many}" for i in range(60)])
    lines = [line for line in picture.axes[0].lines if len(line.get_xdata())]
    dots = [line for line in lines if line.get_linestyle() == "None"]
    looks = {(line.get_color(), line.get_marker()) for line in dots if line.get_marker() != "."}
    assert len(looks) == many
    assert len(labels_of(picture)) == many and "gray" not in picture.alt


def test_more_genres_than_can_be_told_apart_are_gray_and_said():
    picture = map_of([f"Genre {i % 19}" for i in range(57)])
    assert len(labels_of(picture)) == 12 and "21 others are gray" in picture.alt


def labels_of(picture):
    return [text for text in picture.axes[0].texts if text.get_text().startswith("Genre")]


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_book_without_a_genre_is_gray(missing):
    picture = map_of(["Fantasy", "Romance", missing, "Fantasy"])
    assert "show Fantasy, Romance; 1 others are gray." in picture.alt
    assert map_of(["Fantasy", "Romance", missing, "Fantasy"], named=["row 2"]).png()


def test_a_map_names_the_row_that_it_has_no_genre_for():
    flat = project(table(4, 3))
    genre_of = pd.Series("Fantasy", flat.points.index[:3])
    with pytest.raises(ValueError, match=r"no row for 'row 3' \(1 of 4"):
        plots.embedding_map(flat, genre_of)
    assert "1 others are gray" in plots.embedding_map(flat, genre_of.reindex(flat.points.index)).alt


def test_a_map_names_the_row_that_it_is_told_twice():
    flat = project(table(4, 3))
    genre_of = pd.Series("Fantasy", [*flat.points.index, "row 1"])
    with pytest.raises(ValueError, match="more than one row for 'row 1'"):
        plots.embedding_map(flat, genre_of)
    with pytest.raises(ValueError, match="no 'row 9' on this map"):
        plots.embedding_map(flat, genre_of[:4], named=["row 9"])
    with pytest.raises(ValueError, match="no 'Poetry' on this map"):
        plots.embedding_map(flat, genre_of[:4], only=["Poetry"])


@pytest.mark.parametrize("color", plots.COLORS)
def test_words_stand_out_from_white(color):
    light = np.array(to_rgb(ink(color)))
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    assert 1.05 / (linear @ (0.2126, 0.7152, 0.0722) + 0.05) >= 4.5
