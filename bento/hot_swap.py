"""Serving what is promoted within two seconds, without a restart and without a failed answer.

A thread looks at the history of promotions. A new set is loaded and verified beside the one that
is served (its hash, the versions of the libraries, the answers to its examples), and then takes
its place in one assignment. One that can't be verified is refused, and the one before goes on.
"""

import logging
import threading
import time

from bento.metrics import ServiceMetrics
from bento.served_models import NothingServedError, ServedModels
from spike_assets.registry.errors import ModelStoreError, NothingPromotedError
from spike_assets.registry.model_store import ModelStore

logger = logging.getLogger("spike_assets.hot_swap")

LOOK_EVERY_S = 0.25

RETRY_AFTER_S = 2
"""When a set that was refused is tried again: its files may have been on their way."""


class HotSwap:
    """Holds the set that is served, and exchanges it when another is promoted.

    Args:
        store: The model store.
        metrics: Where swaps and refusals are counted.
    """

    def __init__(self, store: ModelStore, metrics: ServiceMetrics) -> None:
        self._store = store
        self._metrics = metrics
        self._served: ServedModels | None = None
        self._seen: tuple[int, ...] | None = ()  # nothing yet, not even that there is no file
        self._refusal = ""
        self._retry_at_s = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="hot-swap", daemon=True)

    def start(self) -> None:
        """Load what is promoted, and keep looking for what is promoted next."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()
        self._thread.join()

    @property
    def served(self) -> ServedModels:
        """The set that is served at this moment.

        Raises:
            NothingServedError: There is none yet.
        """
        served = self._served
        if served is None:
            raise NothingServedError(self._refusal)
        return served

    @property
    def served_or_none(self) -> ServedModels | None:
        """The set that is served at this moment, if there is one."""
        return self._served

    def look(self) -> None:
        """Put what is promoted into service, unless it is what is served already."""
        seen = self._promotions_file()
        unchanged = seen == self._seen
        if not unchanged or (self._refusal and time.monotonic() >= self._retry_at_s):
            self._seen = seen
            try:
                self._swap()
            except Exception as error:  # whatever is wrong with a set, the one before it goes on
                self._refuse(error, unchanged=unchanged)
        if self._served:
            self._metrics.tell_ages(self._served)

    def _swap(self) -> None:
        if self._served is None or self._store.promoted() != self._served.tags:
            self._load()
        elif self._refusal:
            logger.info("The models that are served are the promoted ones again")
        self._refusal = ""

    def _load(self) -> None:
        served = ServedModels.load(self._store)
        served.warm_up()
        self._metrics.tell_ages(served)
        self._served = served
        self._metrics.swapped()
        for tag in served.tags.values():
            origin = " (trained on the SYNTHETIC sample)" if served.synthetic else ""
            logger.info("Serving %s%s", tag, origin)

    def _refuse(self, error: Exception, *, unchanged: bool) -> None:
        """Note why a set is refused; log and count it once, even if the reason changes."""
        is_foreseen = isinstance(error, ModelStoreError)
        reason = str(error) if is_foreseen else repr(error)
        is_known = unchanged and self._refusal
        self._retry_at_s = time.monotonic() + RETRY_AFTER_S
        self._refusal = reason
        if is_known:
            return
        if self._served is None:
            logger.warning("Not ready: %s", reason, exc_info=not is_foreseen)
            if isinstance(error, NothingPromotedError):
                return  # there is no set yet that could be refused
        else:
            logger.error(
                "Promoted models are refused, the ones before go on: %s",
                reason,
                exc_info=not is_foreseen,
            )
        self._metrics.refused_swap()

    def _promotions_file(self) -> tuple[int, ...] | None:
        """Tell one state of the history from another; it is replaced, never changed in place."""
        try:
            stat = self._store.promotions_file.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino, stat.st_size

    def _watch(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            try:
                self.look()
            except Exception:  # the thread has to live on, whatever a file of the store holds
                logger.exception("Looking for promoted models failed")
