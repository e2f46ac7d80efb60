"""An answer that never ends is stopped."""

import ctypes
import threading
from contextlib import contextmanager


class Overtime(BaseException):
    """Raised in a block that took too long; `except Exception` and `fit` let it through."""


@contextmanager
def time_limit(seconds):
    """Raises `Overtime` in the block when it takes longer, and never after it.

    The exception comes between two steps of Python, on any system and in any thread: a long
    call in C is told when it returns. The kernel's own interrupt stays what it is.
    """
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc
    thread = ctypes.c_ulong(threading.get_ident())
    timer = threading.Timer(seconds, throw, [thread, ctypes.py_object(Overtime)])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # by now it has fired, and the exception is here, or it never will
