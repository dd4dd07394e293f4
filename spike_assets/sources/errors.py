"""The one exception for data that can't be used as it is."""


class DataError(ValueError):
    """Data that a person has to look at: the message names the file and what was expected.

    Raised before anything is stored, so that what was built or promoted earlier stays as it was.
    """
