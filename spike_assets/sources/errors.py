"""The errors of this package. Each message is for a person and says what to do."""


class DataError(ValueError):
    """Data that a person has to look at: the message names the file and what was expected.

    Raised before anything is stored, so that what was built or promoted earlier stays as it was.
    """


class DownloadError(Exception):
    """The files can't be downloaded or put in place; the target folder is as it was.

    The message names the file, the address, what happened, and what to do.
    """
