"""What the exercises of lesson 07 use."""

import numpy as np

rng = np.random.default_rng(7)
USERS, BOOKS = rng.standard_normal((6, 4)), rng.standard_normal((5, 4))
READER, BOOK = np.array([1.0, 0.5, -2.0]), np.array([3.0, -1.0, 0.5])
