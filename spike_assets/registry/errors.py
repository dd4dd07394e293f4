"""The errors of the model store, of a model in it, and of a Bento built from it.

In a module of their own, so that a command can catch them before it imports BentoML.
"""


class ModelStoreError(Exception):
    """The store or a model in it can't be used; the message says what to do."""


class NothingPromotedError(ModelStoreError):
    """No model has been promoted, or none before the present ones."""


class ModelRefusedError(ModelStoreError):
    """A model is not what was registered, or can't be read with this code or these libraries."""


class PromotionsDamagedError(ModelStoreError):
    """The promotion log can't be read, so it is unknown what is served."""


class RealModelsKeptError(ModelStoreError):
    """Models of the synthetic sample were not promoted, to keep models of real files promoted."""


class PromotionConflictError(ModelStoreError):
    """Another machine promoted first; the promotion has to be worked out again."""


class BentoBuildError(ModelStoreError):
    """A Bento was not built; the message says why."""
