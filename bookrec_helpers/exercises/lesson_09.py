"""What the exercises of lesson 09 use."""

import pandas as pd
