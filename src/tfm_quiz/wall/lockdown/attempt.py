"""Find out what the kernel allows by trying it in a child process."""

import os
import sys
import traceback
from collections.abc import Callable


def succeeds(action: Callable[[], object]) -> bool:
    """Return whether `action` ends without an OSError in a forked child. Any other exception is a fault of ours.

    The child shares no state with the caller afterwards, so `action` may lock itself down for good.
    """
    if not hasattr(os, "fork"):
        return False
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        code = 2
        try:
            action()
            code = 0
        except OSError:
            code = 1
        except BaseException:  # printed in full here; the caller sees the exit code
            traceback.print_exc()
        finally:  # whatever happens, this process must not return into the caller's
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 2:
        raise RuntimeError(f"the attempt {getattr(action, '__name__', action)} failed in an unexpected way")
    return status == 0
