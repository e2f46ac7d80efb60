"""The tutorial that the course grew from: each of its parts, and its code unchanged."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.refresh import LESSONS
from tests.test_encoding import PRINTED
from tests.test_model import HIGH, LOW

# Each of the tutorial's parts: the lesson, and words or outputs of it that stand there.
PARTS = {
    "1 what embeddings are": ("01", "dense", "categorical features", "one-hot", "alike"),
    "1 relationships": ("00", "end up with similar rows"),
    "2 the trade-off": ("02", "capacity", "efficiency", "generalization"),
    "3 the heuristic": ("02", r"d = \min\left(50,\ \frac{n}{2}\right)", "For 10 genres: 5",
                        "For 1,000: 50", "from 10 to 50 is often enough"),
    "4 the six rows": ("01", "101  Fantasy", "103  Mystery", "104  Fantasy"),
    "4 encoded": ("01", PRINTED),
    "5 the model": ("03", "class BookRecommendationModel(nn.Module)", "nn.Linear(total_dim, 32)",
                    "torch.relu", "torch.sigmoid", "embedding_dim_genres=2"),
    "6 low cardinality": ("03", LOW),
    "6 high cardinality": ("03", HIGH, "1,000 dimensions for 1,000 genres"),
    "7 training": ("04", "class BookDataset(Dataset)", "batch_size=2, shuffle=True", "BCELoss()",
                   "Adam(model.parameters(), lr=0.01)", "for epoch in range(5)", "Epoch 5, Loss:"),
    "8 analysis": ("05", "User Embeddings:", "Book Embeddings:", "Genre Embeddings:"),
    "9 takeaways": ("02", "need not match the number of categories", "experiment"),
    "9 relationships, tested": ("05", "tested, not only said", "share of true neighbors"),
    "beyond: squeeze": ("04", "Using a target size", "batch of 1 shape (1,)"),
    "beyond: the last batch's loss": ("04", "last batch"),
    "beyond: gaps in the ids": ("01", "rows needed: 9680"),
    "beyond: no seed": ("04", "seed 1 again:"),
    "beyond: hardly any movement": ("05", "is still the random start."),
}  # fmt: skip


def whole_text(number):
    """All sources and text outputs of a lesson."""
    [path] = [path for path in LESSONS if path.stem.startswith(number)]
    texts = []
    for cell in nbformat.read(path, as_version=4).cells:
        texts.append(cell.source)
        for output in cell.get("outputs", []):
            texts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    return "\n".join(texts)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_of_the_tutorial_is_in_its_lesson(part):
    number, *expected = PARTS[part]
    text = whole_text(number)
    missing = [words for words in expected if words not in text]
    assert not missing, f"lesson {number} lacks {missing}"


CELLS = [
    """\
import torch
import torch.nn as nn
import torch.optim as optim
import pandas as pd
from torch.utils.data import DataLoader
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.dataset import BookDataset""",
    """\
data = {
    'UserID': [1, 1, 2, 2, 3, 3],
    'BookID': [101, 102, 101, 103, 104, 102],
    'Genre': ['Fantasy', 'Romance', 'Fantasy', 'Mystery', 'Fantasy', 'Romance'],
    'Liked': [1, 0, 1, 0, 1, 1],
}
df = pd.DataFrame(data)
df['UserID'] = df['UserID'] - 1
df['BookID'] = df['BookID'] - 101
df['Genre'] = df['Genre'].map({'Fantasy': 0, 'Romance': 1, 'Mystery': 2})
print(df)""",
    """\
model = BookRecommendationModel(num_users=3, num_books=4, num_genres=3,
                                embedding_dim_users=3, embedding_dim_books=3,
                                embedding_dim_genres=2)
print(model)""",
    """\
big_model = BookRecommendationModel(num_users=1000, num_books=10000, num_genres=1000,
                                    embedding_dim_users=50, embedding_dim_books=50,
                                    embedding_dim_genres=20)
print(big_model)""",
    """\
dataset = BookDataset(df)
dataloader = DataLoader(dataset, batch_size=2, shuffle=True)
criterion = nn.BCELoss()
optimizer = optim.Adam(model.parameters(), lr=0.01)
for epoch in range(5):
    for user, book, genre, liked in dataloader:
        optimizer.zero_grad()
        output = model(user, book, genre).squeeze()
        loss = criterion(output, liked)
        loss.backward()
        optimizer.step()
    print(f'Epoch {epoch+1}, Loss: {loss.item()}')""",
    """\
print('User Embeddings:', model.user_embedding.weight.data)
print('Book Embeddings:', model.book_embedding.weight.data)
print('Genre Embeddings:', model.genre_embedding.weight.data)""",
]


def test_the_tutorial_s_own_code_runs_unchanged():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    printed = [
        "".join(o.text for o in c.outputs if o.output_type == "stream") for c in notebook.cells
    ]
    assert printed[1].strip("\n") == PRINTED
    assert printed[2].strip() == LOW
    assert printed[3].strip() == HIGH
    assert printed[4].count("Loss: ") == 5
    assert "Genre Embeddings: tensor(" in printed[5]
