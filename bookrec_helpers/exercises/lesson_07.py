"""What the exercises of lesson 07 use."""

import numpy as np
