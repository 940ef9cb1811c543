"""The process that children are forked from: everything is imported in it, and no harness is ever executed in it.

It is a program of its own and no fork of the host, so there is nothing of the host's memory in it. Its standard input
is a socket, on which each byte comes with four descriptors and asks for one child: the child's standard input, output
and error, and its lifeline. On that the host is told the child's number and then how it ended; a byte of the host's
asks the child where it is, and its end is the end of the child. The end of the socket is that of the server and all.
"""

from __future__ import annotations

import os
import select
import signal
import struct
from _socket import AF_UNIX, CMSG_SPACE, SOCK_STREAM, socket  # `socket` itself takes milliseconds to import
from contextlib import suppress

__all__ = ["serve"]

_DESCRIPTOR = struct.Struct("i")


def serve() -> None:
    """Fork children for the host until it is gone. Returns in each child, which has three descriptors and no more."""
    server = _Server()
    while not server.forked():
        pass


class _Server:
    def __init__(self) -> None:
        self._asking = socket(AF_UNIX, SOCK_STREAM, 0, 0)
        self._children: dict[int, int] = {}
        """The number of each child, by the descriptor of its lifeline."""
        self._woken, waking = os.pipe()
        for end in (self._woken, waking):
            os.set_blocking(end, False)
        # Without a handler there is no wake-up; and it must not be lost between two looks at what has come.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waking)
        # The thread of the host that started this may have had its reasons to block signals.
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        self._heard = select.poll()
        self._heard.register(self._asking, select.POLLIN)
        self._heard.register(self._woken, select.POLLIN)

    def forked(self) -> bool:
        """Do what there is to do; tell whether this is a child now."""
        for heard, _ in self._heard.poll():
            if heard == self._asking.fileno():
                if self._fork():
                    return True
            elif heard == self._woken:
                self._reap()
            elif heard in self._children:
                self._signal(heard)
        return False

    def _fork(self) -> bool:
        asked, handed_over, _, _ = self._asking.recvmsg(1, CMSG_SPACE(4 * _DESCRIPTOR.size))
        if not asked:
            self._end()
        descriptors = [number for _, _, data in handed_over for (number,) in _DESCRIPTOR.iter_unpack(data)]
        if len(descriptors) < 4:  # there is no room for more, as there is for a child
            for descriptor in descriptors:
                os.close(descriptor)
            return False
        *standard, lifeline = descriptors
        try:
            child = os.fork()
        except OSError as error:
            child = -1
            _tell_why(standard[2], error)
        if child == 0:
            self._asking.detach()  # its number is another's from here on
            _tell(lifeline, os.getpid())
            _become_child(standard)
            return True
        for descriptor in standard:
            os.close(descriptor)
        if child < 0:
            os.close(lifeline)  # from which the host sees it
        else:
            os.set_blocking(lifeline, False)
            self._children[lifeline] = child
            self._heard.register(lifeline, select.POLLIN)
        return False

    def _signal(self, lifeline: int) -> None:
        try:
            asked = os.read(lifeline, 1)
        except BlockingIOError:
            return  # it is the lifeline of a new child, and was told of one before that had its descriptor
        except ConnectionError:
            asked = b""
        if not asked:
            self._heard.unregister(lifeline)
        os.kill(self._children[lifeline], signal.SIGPROF if asked else signal.SIGKILL)

    def _reap(self) -> None:
        os.read(self._woken, 4096)
        for lifeline, child in list(self._children.items()):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                del self._children[lifeline]
                with suppress(KeyError):  # it has ended already
                    self._heard.unregister(lifeline)
                _tell(lifeline, os.waitstatus_to_exitcode(status))
                os.close(lifeline)

    def _end(self) -> None:
        for child in self._children.values():
            os.kill(child, signal.SIGKILL)
        os._exit(0)


def _tell(lifeline: int, number: int) -> None:
    with suppress(OSError):  # the host has no interest in it any more
        os.write(lifeline, b"%d\n" % number)


def _tell_why(stderr: int, error: OSError) -> None:
    """Say in place of the child, on its standard error, why there is none."""
    with suppress(OSError):
        os.write(stderr, f"the system lets no further process start ({error.strerror})".encode())


def _become_child(standard: list[int]) -> None:
    os.setsid()
    for target, descriptor in enumerate(standard):
        os.dup2(descriptor, target)
    os.closerange(len(standard), os.sysconf("SC_OPEN_MAX"))
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
