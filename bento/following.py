"""Following a model store that machines share: what is promoted on another one comes here.

A thread takes it over to the disk, where `hot_swap` finds it. While the storage is away, or holds
something that is damaged, what is served goes on.
"""

import logging
import threading

from bento.metrics import ServiceMetrics
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.model_store import ModelStore

logger = logging.getLogger("spike_assets.following")

LOOK_EVERY_S = 2.0

STOP_WITHIN_S = 1.0
"""A look that waits for an answer longer than that ends with the process; nothing breaks by it."""


class Following:
    """Keeps a store up to date with the one that it follows, if it follows one.

    Args:
        store: The store of this machine.
        metrics: Where looks that failed are counted.
    """

    def __init__(self, store: ModelStore, metrics: ServiceMetrics) -> None:
        self._store = store
        self._metrics = metrics
        self._fault = ""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="following", daemon=True)

    def start(self) -> None:
        """Look at once, and again every few seconds."""
        if self._store.remote_url:
            self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN_S)

    def _follow(self) -> None:
        self._look()
        while not self._stopped.wait(LOOK_EVERY_S):
            self._look()

    def _look(self) -> None:
        try:
            self._store.pull()
        except Exception as error:  # whatever is wrong there, the thread has to live on
            is_foreseen = isinstance(error, ModelStoreError)
            fault = str(error) if is_foreseen else repr(error)
            self._metrics.following_failed()
            if fault != self._fault:
                logger.warning(
                    "%s can't be followed, what is here goes on: %s",
                    self._store.remote_url,
                    fault,
                    exc_info=not is_foreseen,
                )
            self._fault = fault
            return
        if self._fault:
            logger.info("%s is followed again", self._store.remote_url)
        self._fault = ""
