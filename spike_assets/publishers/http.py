"""HTTP requests to a publisher: limits on time and size, retries, and errors in plain words.

Credentials travel in the address of some interfaces, so no address is logged or quoted: an error
names the publisher, what was asked and the host.
"""

import json
import logging
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exception,
    wait_random_exponential,
)

from spike_assets.publishers.errors import PublisherError

CONNECT_WITHIN_S = 10
NEXT_PIECE_WITHIN_S = 60
"""A long series may take the publisher some time; then it comes at once."""

TRIES = 4
LONGEST_PAUSE_S = 60
MAX_BYTES = 64 * 2**20
MAX_REDIRECTS = 3

_RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_BY_HAND = "or add the data as a file (spike-assets data add)"


class _TemporaryError(PublisherError):
    """An error that another try may not meet."""

    retry_after_s: float = 0


class PublisherHttp:
    """A connection to the host of one publisher.

    Args:
        publisher: Its title, for errors.
        base_url: Scheme and host, and a path if the interface is below one.
        between_requests_s: The least time from one request to the next.
        first_pause_s: The longest pause before the first retry; the next ones double.
    """

    def __init__(
        self,
        publisher: str,
        base_url: str,
        *,
        between_requests_s: float = 0,
        first_pause_s: float = 1,
    ) -> None:
        for name in ("httpx", "httpcore"):  # they log addresses, in which credentials are
            logging.getLogger(name).setLevel(logging.WARNING)
        self._publisher = publisher
        self._between_requests_s = between_requests_s
        self._last_request_s = -float("inf")
        self._first_pause_s = first_pause_s
        self._client = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(NEXT_PIECE_WITHIN_S, connect=CONNECT_WITHIN_S),
            headers={"User-Agent": "spike-assets"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, *, params: Mapping[str, str] | None = None, request: str) -> bytes:
        """Return the body that a GET request is answered with.

        Args:
            path: Below the base URL.
            params: The query.
            request: What is asked for, in words, for errors.

        Raises:
            PublisherError: There is no answer after all tries, or one that can't be used.
        """
        return self._body(self._client.build_request("GET", path, params=params), request)

    def post(self, path: str, *, body: Any, request: str) -> bytes:
        """Return the body that a JSON question is answered with.

        The question must change nothing at the publisher, as it may be asked again.

        Raises:
            PublisherError: As `get`.
        """
        return self._body(self._client.build_request("POST", path, json=body), request)

    def _body(self, question: httpx.Request, request: str) -> bytes:
        retrying = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(self._first_pause_s, max=LONGEST_PAUSE_S)
            + wait_exception(lambda error: getattr(error, "retry_after_s", 0)),
            retry=retry_if_exception_type(_TemporaryError),
            reraise=True,
        )
        return retrying(self._once, question, request)

    def _once(self, question: httpx.Request, request: str) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            self._wait()
            try:
                response = self._client.send(question, stream=True)
                try:
                    if response.next_request is None:
                        return self._content(response, request)
                    question = response.next_request
                finally:
                    response.close()
            except httpx.HTTPError as error:
                raise self._unreachable(error, request) from None
            self._require_same_host(question.url, request)
        raise self._error(request, f"more than {MAX_REDIRECTS} redirects")

    def _wait(self) -> None:
        ready_s = self._last_request_s + self._between_requests_s
        time.sleep(max(0.0, ready_s - time.monotonic()))
        self._last_request_s = time.monotonic()

    def _require_same_host(self, url: httpx.URL, request: str) -> None:
        known = self._client.base_url
        if (url.scheme, url.host, url.port) != (known.scheme, known.host, known.port):
            raise self._error(
                request,
                f"the answer leads from {known.host} to {url.scheme}://{url.host}, which is not "
                f"followed: if the interface has moved there, set its URL, {_BY_HAND}",
            )

    def _content(self, response: httpx.Response, request: str) -> bytes:
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > MAX_BYTES:
                raise self._error(request, f"the answer is larger than {MAX_BYTES >> 20} MiB")
        if response.is_success:
            return bytes(content)
        cause = f"HTTP {response.status_code} {response.reason_phrase}{_reason(bytes(content))}"
        if response.status_code not in _RETRIED_STATUSES:
            raise self._error(request, cause)
        error = _TemporaryError(self._publisher, request, f"{cause}, {TRIES} times")
        error.retry_after_s = _retry_after_s(response)
        raise error

    def _unreachable(self, error: httpx.HTTPError, request: str) -> PublisherError:
        host = self._client.base_url.host
        if isinstance(error, httpx.ProxyError):
            return self._error(
                request,
                f"the proxy of this network refuses the way to {host} ({error}): have it "
                f"allowed, {_BY_HAND}",
            )
        if "CERTIFICATE" in str(error):
            return self._error(
                request, f"the certificate of {host} can't be verified ({error}), {_BY_HAND}"
            )
        timed_out = isinstance(error, httpx.TimeoutException)
        reason = "no answer in time" if timed_out else str(error) or type(error).__name__
        return _TemporaryError(
            self._publisher,
            request,
            f"{host} can't be reached ({reason}; {TRIES} tries): try again later, {_BY_HAND}",
        )

    def _error(self, request: str, cause: str) -> PublisherError:
        return PublisherError(self._publisher, request, cause)


def _retry_after_s(response: httpx.Response) -> float:
    """Return the pause that the publisher asks for, in seconds; 0 if none, or one by a date."""
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE_S) if asked.isdecimal() else 0


def _reason(body: bytes) -> str:
    """Return the reason that a publisher states with an error as JSON, or nothing."""
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    reason = content.get("reason") if isinstance(content, dict) else None
    return f" ({reason[:300]})" if isinstance(reason, str) else ""
