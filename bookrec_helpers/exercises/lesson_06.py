"""What the exercises of lesson 06 use."""

import numpy as np

from bookrec_helpers.library import mystery_library
