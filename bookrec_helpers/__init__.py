"""Helpers for the course on embedding dimensions: a module a lesson.

Importing the package alone loads none of its modules, and so no torch:
each lesson imports what it uses, `from bookrec_helpers.encoding import encode`.
"""

__version__ = "1.0.0"
