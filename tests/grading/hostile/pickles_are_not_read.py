"""The answer is an object that runs code where it is unpickled, copied, formatted or hashed.

question: pricing-q1
outcome: MALFORMED
reason: got a Trap
"""
import os


class Trap:
    def __reduce__(self):
        return os.system, ("touch /tmp/reached",)

    __reduce_ex__ = lambda self, _: self.__reduce__()  # noqa: E731
    __deepcopy__ = __copy__ = __repr__ = __str__ = __hash__ = lambda self, *_: os._exit(1)


toaster = Trap()
