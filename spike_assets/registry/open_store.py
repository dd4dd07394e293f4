"""The model store of this machine, as the environment says: alone, or following another one."""

import os

from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.model_store import ModelStore


def open_store() -> ModelStore:
    """Open the store in BentoML's home; it follows the one at SPIKE_MODEL_STORE if that is set.

    Raises:
        ModelStoreError: That is no URL of S3-compatible storage.
    """
    url = os.environ.get("SPIKE_MODEL_STORE", "").strip()
    if not url:
        return ModelStore()
    from spike_assets.registry.s3_store import RemoteStore
    from spike_assets.registry.synced_store import FollowingStore

    try:
        return FollowingStore(RemoteStore(url))
    except ModelStoreError as error:  # nothing was asked of anybody yet: the setting is wrong
        raise ModelStoreError(f"SPIKE_MODEL_STORE: {error}") from error
