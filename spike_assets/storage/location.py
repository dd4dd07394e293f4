"""Location of asset values and received answers: a folder, a bucket or another fsspec URL."""

from upath import UPath

DEFAULT_STORAGE = "storage"


def storage_root(named: str | None) -> UPath:
    """Return the folder or URL that was named; `storage` in the working directory if none was."""
    root = named or DEFAULT_STORAGE
    return UPath(root).expanduser() if root.startswith("~") else UPath(root)
