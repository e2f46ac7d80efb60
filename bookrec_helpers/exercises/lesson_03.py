"""What the exercises of lesson 03 use."""

import torch
from torch import nn

from bookrec_helpers.exercises.judging import letter
from bookrec_helpers.model import BookRecommendationModel

__all__ = ["BookRecommendationModel", "behavior", "letter", "nn", "torch"]
AUTHORS = 5


def behavior(model_class):
    """What a model with authors does with three notes: the first thing amiss ends the list."""
    notes = [torch.tensor(codes) for codes in ([0, 1, 2], [0, 1, 3], [0, 1, 2])]
    authors = torch.tensor([0, 3, 4])
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = model_class(AUTHORS)
        table, fc1 = model.author_embedding, model.fc1
        if table is ... or fc1 is ...:
            return {"a layer": ...}
        told = {"the number of rows for five authors": table.num_embeddings}
        width = 3 + 3 + 2 + table.embedding_dim
        told["fc1 reads the columns of all four tables"] = fc1.in_features == width
        if list(told.values()) == [AUTHORS, True]:
            model.fc2.weight *= 20  # so that sums leave the range of probabilities
            p, q = model(*notes, authors), model(*notes, (authors + 1) % AUTHORS)
            told["the shape for three notes"] = list(p.shape)
            told["all answers lie between 0 and 1"] = bool(((p >= 0) & (p <= 1)).all())
            told["other authors change the answers"] = not torch.allclose(p, q)
    return told
