"""What the exercises of lesson 02 use: nothing but what every reader has."""
