"""Objects in S3-compatible storage, by URL, and what goes wrong there in words.

An object is put whole or not at all, so a reader needs no protection from a writer. Endpoint,
region and credentials are those of the environment: AWS_ENDPOINT_URL, AWS_REGION,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and whatever else the client knows, which is `obstore`.
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
"""With the transfer of what is asked for, megabytes at most."""

TRIES = 3

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]+[a-z0-9]")
_ENDPOINT = re.compile(r"https?://([\w.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/\S*)?")
_REFUSAL = re.compile(r"<Code>(.+?)</Code>(?:\s*<Message>(.*?)</Message>)?", re.DOTALL)
_SILENCE = re.compile(r"performing \w+ (\w+://[^/\s]+).* - HTTP error: (.+)")
_OF_THE_MACHINE = "169.254."
"""Where a machine in Amazon's cloud is asked for credentials that nobody gave."""


class ObjectStorageError(Exception):
    """The storage can't be reached or refuses; the message names the URL and says why."""


class Bucket:
    """A bucket, or the part of one under a prefix.

    Every method raises `ObjectStorageError` if there is no such bucket, no access or no answer.

    Args:
        url: As `s3://bucket` or `s3://bucket/prefix`.

    Raises:
        ObjectStorageError: It is no such URL, or AWS_ENDPOINT_URL is none of a server.
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
        """Read an object; None if there is none of that name."""
        with self._faults(name):
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                return None

    def put(self, name: str, content: bytes) -> None:
        """Write an object, in the place of the one that had its name."""
        with self._faults(name):
            obstore.put(self._store, name, content, use_multipart=False)

    def create(self, name: str, content: bytes) -> bool:
        """Write an object unless there is one of that name; say whether it is there now.

        One that holds the same counts as written: a first try may have arrived whose answer
        did not.
        """
        with self._faults(name):
            try:
                obstore.put(self._store, name, content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return self.get(name) == content
            return True

    def names(self, folder: str) -> list[str]:
        """List the objects in a folder and below it, those that were written first at first."""
        with self._faults(folder):
            found = [one for page in obstore.list(self._store, folder) for one in page]
        return [one["path"] for one in sorted(found, key=lambda one: one["last_modified"])]

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""
        with self._faults(name):
            obstore.delete(self._store, name)

    @contextmanager
    def _faults(self, name: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise ObjectStorageError(f"{self.url}/{name}: {_reason(str(error))}") from error


def _reason(text: str) -> str:
    """Say why in words that are the same whenever the reason is."""
    if _OF_THE_MACHINE in text:
        return "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if refusal := _REFUSAL.search(text):
        code, message = refusal.groups()
        return f"refused with {code}" + (f" ({message})" if message else "")
    if silence := _SILENCE.search(text):
        return "no answer from {} ({})".format(*silence.groups())
    line, _, _ = text.partition("\n")
    return line.rpartition(" - ")[2]
