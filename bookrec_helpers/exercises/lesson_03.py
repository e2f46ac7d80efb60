"""What the exercises of lesson 03 use."""

import torch
from torch import nn

from bookrec_helpers.model import BookRecommendationModel


def behavior(model_class):
    """How a model with authors is built, and, if that is right, what it answers."""
    if not isinstance(model_class, type):
        return {"this is a class": False}
    with torch.random.fork_rng(), torch.no_grad():
        model = model_class(5)
        if model.author_embedding is ... or model.fc1 is ...:
            return {"a layer": ...}
        told = {
            "this is a class": True,
            "the number of rows for five authors": model.author_embedding.num_embeddings,
            "the length of an author's vector": model.author_embedding.embedding_dim,
            "the numbers that fc1 reads": model.fc1.in_features,
            "the parameters in all": sum(weights.numel() for weights in model.parameters()),
        }
        return told | _answers(model) if [*told.values()] == [True, 5, 2, 10, 422] else told


def _answers(model):
    """What it says with set weights; in which order the vectors lie does not count."""
    torch.manual_seed(96)  # any other row of a table changes an answer by a tenth or more
    for _, weights in sorted(model.named_parameters()):
        nn.init.normal_(weights, std=0.7)
    model.fc1.weight[:] = model.fc1.weight[:, :1]
    notes = torch.tensor([[0, 0, 2, 0], [1, 1, 0, 3], [2, 3, 1, 4]])  # user, book, genre, author
    many, one = model(*notes.T), model(*notes[:1].T)
    return {"forward for three notes": many, "forward for one note": one}
