"""Serve what is promoted, without a restart and without a failed answer.

A thread polls the promotion log. A promoted set is loaded and verified beside the one that is
served, then takes its place in one assignment. A set that can't be verified is refused, and the
one before it stays. If the store syncs with a remote one, the same thread syncs it first: while
that waits for an answer, nothing else can be promoted either.
"""

import logging
import threading
import time
from dataclasses import dataclass

from bento.metrics import ServiceMetrics
from bento.served_models import NothingServedError, ServedModels
from spike_assets.registry.errors import ModelStoreError, NothingPromotedError
from spike_assets.registry.model_store import ModelStore

logger = logging.getLogger("spike_assets.reloader")

POLL_EVERY_S = 0.25
"""Interval between two looks at the promotion log on this disk."""

RETRY_EVERY_S = 2.0
"""Interval between two syncs with the remote store, and between two tries of a refused set."""

STOP_WITHIN_S = 1.0
"""A request to the remote store that takes longer ends with the process, which harms nothing."""


@dataclass
class _Failure:
    """A failure that goes on.

    Attributes:
        reason: Why; empty while nothing fails.
        cause: Equal for as long as it is the same failure.
    """

    reason: str = ""
    cause: object = None

    def note(self, error: Exception, *, cause: object) -> bool:
        """Keep the reason; return whether this is another failure than the one before."""
        is_known = bool(self.reason) and self.cause == cause
        self.reason = str(error) if isinstance(error, ModelStoreError) else repr(error)
        self.cause = cause
        return not is_known


class ModelReloader:
    """Holds the set that is served, and replaces it when another is promoted.

    Args:
        store: The model store.
        metrics: Where swaps, refusals and failed syncs are counted.
    """

    def __init__(self, store: ModelStore, metrics: ServiceMetrics) -> None:
        self.store = store
        self._metrics = metrics
        self._served: ServedModels | None = None
        self._log_state: tuple[int, ...] | None = ()  # unknown, which differs from no file
        self._refusal = _Failure()
        self._sync_failure = _Failure()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="reloader", daemon=True)

    def start(self) -> None:
        """Load what is promoted on this disk, and keep looking for what is promoted next."""
        self.check()
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()
        self._thread.join(STOP_WITHIN_S)

    @property
    def served(self) -> ServedModels:
        """The set that is served at this moment.

        Raises:
            NothingServedError: There is none yet.
        """
        served = self._served
        if served is None:
            raise NothingServedError(self._refusal.reason)
        return served

    @property
    def served_or_none(self) -> ServedModels | None:
        """The set that is served at this moment, if there is one."""
        return self._served

    def check(self, *, retry: bool = False) -> None:
        """Serve what is promoted, unless it is served already.

        Args:
            retry: Whether to try a set again that was refused: its files may be mended.
        """
        log_state = self._promotion_log_state()
        if log_state != self._log_state or (retry and self._refusal.reason):
            self._log_state = log_state
            try:
                self._reload()
            except Exception as error:  # whatever is wrong with a set, the one before it stays
                self._refuse(error)
        if self._served:
            self._metrics.set_ages(self._served)

    def sync(self) -> None:
        """Sync the store with its remote one; if that fails, what is here stays."""
        try:
            self.store.pull()
        except Exception as error:  # whatever is wrong there, the thread has to live on
            self._metrics.sync_failed()
            if self._sync_failure.note(error, cause=repr(error)):
                logger.warning(
                    "%s can't be followed, what is here goes on: %s",
                    self.store.remote_url,
                    self._sync_failure.reason,
                    exc_info=_traceback_of(error),
                )
        else:
            if self._sync_failure.reason:
                logger.info("%s is followed again", self.store.remote_url)
            self._sync_failure = _Failure()

    def _reload(self) -> None:
        if self._served is None or self.store.promoted() != self._served.tags:
            self._load()
        elif self._refusal.reason:
            logger.info("The models that are served are the promoted ones again")
        self._refusal = _Failure()

    def _load(self) -> None:
        served = ServedModels.load(self.store)
        served.warm_up()
        self._metrics.set_ages(served)
        self._served = served
        self._metrics.swapped()
        origin = " (trained on the SYNTHETIC sample)" if served.synthetic else ""
        for stored in served.models.values():
            logger.info("Serving %s%s", stored.tag, origin)
            if stored.library_difference:
                logger.warning(
                    "%s %s; it reproduces its example, so it is served: run `make run` to train "
                    "again with what is installed",
                    stored.tag,
                    stored.library_difference,
                )

    def _refuse(self, error: Exception) -> None:
        """Log and count a refused set, once until the promotion log changes."""
        if not self._refusal.note(error, cause=self._log_state):
            return
        if self._served is None:
            logger.warning("Not ready: %s", self._refusal.reason, exc_info=_traceback_of(error))
            if isinstance(error, NothingPromotedError):
                return  # there is no set yet that could be refused
        else:
            logger.error(
                "Promoted models are refused, the ones before go on: %s",
                self._refusal.reason,
                exc_info=_traceback_of(error),
            )
        self._metrics.refused_swap()

    def _promotion_log_state(self) -> tuple[int, ...] | None:
        """Identify the state of the promotion log, which is replaced, never changed in place."""
        try:
            stat = self.store.promotions_file.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino, stat.st_size

    def _watch(self) -> None:
        retry_at_s = 0.0
        while not self._stopped.wait(POLL_EVERY_S):
            retry = time.monotonic() >= retry_at_s
            try:
                if retry:
                    self.sync()
                    retry_at_s = time.monotonic() + RETRY_EVERY_S
                self.check(retry=retry)
            except Exception:  # the thread has to live on, whatever a file of the store holds
                logger.exception("Looking for promoted models failed")


def _traceback_of(error: Exception) -> Exception | None:
    """Return what to log the traceback of: an error that was not foreseen."""
    return None if isinstance(error, ModelStoreError) else error
