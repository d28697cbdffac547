"""The private root: a read-only file system of the Python prefix, site-packages and the system's libraries.

Whatever else the machine holds (homes, graders, other submissions, /etc, /proc) does not exist for a worker: it sees
ENOENT, not EACCES. The folder of tfm_quiz itself is left out, since in a checkout it lies beside the solutions; all of
it that a worker needs is imported by then.
"""

import ctypes
import os
import stat
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import kernel, landlock

# linux/mount.h, sys/mount.h
OPEN_TREE_CLONE = 1
AT_RECURSIVE = 0x8000
AT_EMPTY_PATH = 0x1000
MOVE_MOUNT_F_EMPTY_PATH = 0x4
MOUNT_ATTR_RDONLY = 0x1
MOUNT_ATTR_NOSUID = 0x2
MOUNT_ATTR_NODEV = 0x4
MNT_DETACH = 2
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8

DEVICES = {  # and what Landlock allows with them
    "/dev/null": landlock.READ_AND_WRITE_A_FILE,
    "/dev/urandom": landlock.LANDLOCK_ACCESS_FS_READ_FILE,  # torch.Generator().seed() opens it
}
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64", "/etc/ld.so.cache")
_SITE_FOLDERS = ("site-packages", "dist-packages")


class MountAttr(ctypes.Structure):
    """struct mount_attr."""

    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


@dataclass(frozen=True)
class RootPlan:
    """The contents of a private root: real paths to mount, and symbolic links as the system has them."""

    mounts: tuple[str, ...]
    links: tuple[tuple[str, str], ...]  # (path, target)


def visible() -> tuple[str, ...]:
    """Return the existing paths that a worker may read: Python, its packages, shared libraries."""
    prefixes = sorted({sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix})
    paths = [Path(prefix, name) for prefix in prefixes for name in ("lib", "lib64")]
    paths += [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths += [Path(entry) for entry in sys.path if Path(entry).name in _SITE_FOLDERS]
    paths += [Path(name) for name in _SYSTEM]
    return tuple(dict.fromkeys(str(path) for path in paths if exists(path)))


def exists(path: Path) -> bool:
    """Return whether this process can find `path`: an ordinary user may not enter a root's folders."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def plan(paths: Iterable[str]) -> RootPlan:
    """Plan a root that shows `paths` under their own names: symbolic links on the way, and what they lead to."""
    mounts: set[Path] = set()
    links: dict[Path, str] = {}
    for path in paths:
        real, parts = Path("/"), list(Path(path).parts[1:])
        while parts:
            part = parts.pop(0)
            here = real.parent if part == ".." else real / part
            if here.is_symlink():
                links[here] = str(here.readlink())
                parts = [*here.readlink().parts, *parts]  # an absolute target begins with "/", which starts over
            else:
                real = here
        mounts.add(real)
    outer = {path for path in mounts if mounts.isdisjoint(path.parents)}  # the inner ones come with these
    return RootPlan(
        mounts=tuple(sorted(map(str, outer))),
        links=tuple(sorted((str(path), target) for path, target in links.items() if outer.isdisjoint(path.parents))),
    )


def enter(paths: Iterable[str]) -> None:
    """Make the private root of `paths` and DEVICES and step into it, in an own mount namespace. Raises OSError."""
    planned = plan(paths)
    trees = {path: _clone(path, MOUNT_ATTR_NODEV) for path in planned.mounts}
    trees |= {path: _clone(path, 0) for path in DEVICES if exists(Path(path))}
    # Any folder will do to build it on: what lies there is cloned already, and covered in this namespace only.
    place = "/tmp"  # noqa: S108
    kernel.call("mount", b"root", place.encode(), b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, b"mode=0755,size=1m")
    os.chdir(place)
    for path, tree in trees.items():
        _attach(tree, Path("." + path))
    for path, target in planned.links:
        link = Path("." + path)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    kernel.call("pivot_root", b".", b".")  # the old root lies on the new one now
    kernel.call("umount2", b".", MNT_DETACH)
    os.chdir("/")
    _set_attributes(kernel.AT_FDCWD, b"/", MOUNT_ATTR_RDONLY, 0)


def _clone(path: str, attributes: int) -> int:
    """Return a detached read-only copy of what is mounted at `path` and beneath it."""
    flags = OPEN_TREE_CLONE | os.O_CLOEXEC | AT_RECURSIVE
    tree = kernel.call("open_tree", kernel.AT_FDCWD, os.fsencode(path), flags)
    _set_attributes(tree, b"", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | attributes, AT_EMPTY_PATH | AT_RECURSIVE)
    return tree


def _set_attributes(folder: int, path: bytes, attributes: int, flags: int) -> None:
    wanted = MountAttr(attr_set=attributes)
    kernel.call("mount_setattr", folder, path, flags, wanted, ctypes.sizeof(wanted))


def _attach(tree: int, place: Path) -> None:
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(0o444)
    kernel.call("move_mount", tree, b"", kernel.AT_FDCWD, bytes(place), MOVE_MOUNT_F_EMPTY_PATH)
    os.close(tree)
