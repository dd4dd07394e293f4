"""What can be wrong with the model store or with a model in it.

In a module of its own, so that a command can catch these before it imports BentoML.
"""


class ModelStoreError(Exception):
    """Something about the store or a model in it; the message says what to do."""


class NothingPromotedError(ModelStoreError):
    """No model was promoted yet, or none before the present ones."""


class ModelRefusedError(ModelStoreError):
    """A model is not what was registered, or can't be read with the code or libraries here."""


class PromotionsDamagedError(ModelStoreError):
    """The history of promotions can't be read, so nobody can say what is served."""


class PromotionConflictError(ModelStoreError):
    """Another machine promoted first; what was to be written has to be thought over."""
