"""The one download: read from a folder, checked when it is fetched, a sentence when neither."""

import nbformat
import pandas as pd
import pooch
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_notebook

from bookrec_helpers import movielens
from bookrec_helpers.movielens import FOLDER, GENRES, NoMovieLens, load_movielens
from tests import refresh
from tests.refresh import LESSONS

[LESSON] = [path for path in LESSONS if path.stem.startswith("09")]
FLAGS = {"Étoile (1989)": {"Drama", "Romance"}, "Alien (1979)": {"Horror"}, "x|y": set()}
DATA = "7\t2\t5\t881250949\n3\t1\t1\t891717742\n7\t1\t4\t878887116\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with ratings that we made up, in the form of the real ones."""
    lines = [
        "|".join([str(number), title, "01-Jan-1995", "", "http://x", *flags])
        for number, title in enumerate(["Étoile (1989)", "Alien (1979)"], 1)
        for flags in [["1" if genre in FLAGS[title] else "0" for genre in GENRES]]
    ]
    (tmp_path / "u.item").write_text("\n".join(lines), encoding="latin-1")
    (tmp_path / "u.data").write_text(DATA)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


def test_the_files_of_a_folder_become_one_table(folder):
    table = load_movielens()
    assert table["film"].tolist() == ["Alien (1979)", "Étoile (1989)", "Étoile (1989)"]
    assert table["genres"].tolist() == ["Horror", "Drama|Romance", "Drama|Romance"]
    assert table["stars"].tolist() == [5, 1, 4] and table["reader"].tolist() == [7, 3, 7]
    assert table["time"].min() == pd.Timestamp("1997-11-07 07:18:36")


def test_a_folder_without_the_files_is_named(folder):
    (folder / "u.item").unlink()
    with pytest.raises(NoMovieLens, match=rf"{FOLDER} names .* no u\.item\."):
        load_movielens()


@pytest.fixture
def no_folder(tmp_path, monkeypatch):
    """Neither a folder nor a cache."""
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path)
    return tmp_path


def test_what_is_fetched_must_be_the_very_file(no_folder, monkeypatch):
    wrong = no_folder / "other.zip"
    wrong.write_text("another file")
    monkeypatch.setattr(movielens, "URL", wrong.as_uri())
    with pytest.raises(NoMovieLens, match="could not be fetched"):
        load_movielens()


def test_without_network_the_sentence_names_both_ways_out(no_folder, monkeypatch):
    def unreachable(*args, **options):
        raise ConnectionError("Max retries exceeded")

    monkeypatch.setattr(pooch, "retrieve", unreachable)
    with pytest.raises(NoMovieLens, match=rf"network once .* {FOLDER} .* u\.data and u\.item"):
        load_movielens()


def test_without_network_the_lesson_stops_with_one_sentence(tmp_path, monkeypatch):
    notebook = nbformat.read(LESSON, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv(FOLDER, raising=False)
    fresh = new_notebook(cells=code[:2], metadata=notebook.metadata)
    with pytest.raises(CellExecutionError):
        NotebookClient(fresh, timeout=120).execute()
    [output] = fresh.cells[0].outputs
    assert output.output_type == "error" and len(output.traceback) == 1
    assert "Connect to the network once" in output.traceback[0]
    assert fresh.cells[1].outputs == code[1].outputs  # what was stored stays


def test_a_lesson_that_cannot_run_is_left_as_it_is(monkeypatch, capsys):
    def gone():
        raise NoMovieLens("The ratings are not here.")

    monkeypatch.setattr(refresh, "load_movielens", gone)
    monkeypatch.setattr(refresh, "refresh", lambda path: pytest.fail("it was run"))
    refresh.main([LESSON.stem])
    assert f"{LESSON.stem}: The ratings are not here." in capsys.readouterr().out


def test_the_lesson_shows_no_rows_of_ratings():
    for cell in nbformat.read(LESSON, as_version=4).cells:
        for output in cell.get("outputs", []):
            text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
            columns = {"reader", "film", "stars", "time", "UserID", "BookID"}
            assert len(columns & set(text.split())) < 2


def test_no_file_of_the_ratings_is_in_the_repository():
    names = {path.name for path in refresh.ROOT.glob("*/**/u.*") if ".venv" not in path.parts}
    assert not names & {"u.data", "u.item", "u.genre"}
