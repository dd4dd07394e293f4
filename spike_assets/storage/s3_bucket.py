"""Objects in S3-compatible storage, with errors in plain words.

An object is written completely or not at all, so readers need no lock. Endpoint, region and
credentials come from the environment: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY and the other variables of the client, `obstore`.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

CONNECT_WITHIN_S = 3
ANSWER_WITHIN_S = 30
"""Including the transfer of the object, a few megabytes at most."""

TRIES = 3

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]+[a-z0-9]")
_ENDPOINT = re.compile(r"https?://([\w.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/\S*)?")
_REFUSED = re.compile(r"<Code>(.+?)</Code>(?:\s*<Message>(.*?)</Message>)?", re.DOTALL)
_NO_ANSWER = re.compile(r"performing \w+ (\w+://[^/\s]+).* - HTTP error: (.+)")
_METADATA_SERVICE = "169.254."
"""Metadata service of Amazon's cloud, which the client asks if no credentials are set."""


class ObjectStorageError(Exception):
    """The storage can't be reached or refuses; the message names the URL and the reason."""


class Bucket:
    """A bucket, or the part of one under a prefix.

    Every method raises `ObjectStorageError` if there is no such bucket, no access or no answer.

    Args:
        url: As `s3://bucket` or `s3://bucket/prefix`.

    Raises:
        ObjectStorageError: The URL or AWS_ENDPOINT_URL is not valid.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or parts.query:
            raise ObjectStorageError(f"{url!r} is not what was expected, s3://bucket/prefix")
        endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT") or ""
        if endpoint and not _ENDPOINT.fullmatch(endpoint):
            raise ObjectStorageError(
                f"AWS_ENDPOINT_URL: {endpoint!r} is not what was expected, https://host:port"
            )
        self._store = S3Store.from_url(
            self.url,
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=CONNECT_WITHIN_S),
                "timeout": timedelta(seconds=ANSWER_WITHIN_S),
            },
            retry_config={
                "max_retries": TRIES - 1,
                "retry_timeout": timedelta(seconds=ANSWER_WITHIN_S),
            },
        )

    def get(self, name: str) -> bytes | None:
        """Read an object; None if there is none."""
        with self._explained_errors(name):
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                return None

    def put(self, name: str, content: bytes) -> None:
        """Write an object, replacing one of the same name."""
        with self._explained_errors(name):
            obstore.put(self._store, name, content, use_multipart=False)

    def create(self, name: str, content: bytes) -> bool:
        """Create an object unless there is another of that name; return whether it is stored.

        One with the same content counts as created: a first try may have succeeded though its
        answer was lost.
        """
        with self._explained_errors(name):
            try:
                obstore.put(self._store, name, content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return self.get(name) == content
            return True

    def names(self, folder: str) -> list[str]:
        """List the objects below a folder, oldest first."""
        with self._explained_errors(folder):
            found = [one for page in obstore.list(self._store, folder) for one in page]
        return [one["path"] for one in sorted(found, key=lambda one: one["last_modified"])]

    def delete(self, name: str) -> None:
        """Delete an object if it exists."""
        with self._explained_errors(name):
            obstore.delete(self._store, name)

    @contextmanager
    def _explained_errors(self, name: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise ObjectStorageError(f"{self.url}/{name}: {_reason(str(error))}") from error


def _reason(text: str) -> str:
    """Return the reason of an error, the same text each time it has the same cause."""
    if _METADATA_SERVICE in text:
        return "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if refused := _REFUSED.search(text):
        code, message = refused.groups()
        return f"refused with {code}" + (f" ({message})" if message else "")
    if unanswered := _NO_ANSWER.search(text):
        return "no answer from {} ({})".format(*unanswered.groups())
    line, _, _ = text.partition("\n")
    return line.rpartition(" - ")[2]
