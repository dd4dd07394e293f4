"""`SOURCES`, the one list of the raw sources.

A source that is added here is located, downloaded, checked, cleaned, drawn and reported with the
others, and becomes two assets. The list is a module of its own because each source imports
`source`, and `location` imports the list.
"""

from spike_assets.sources import banco_central, dairy_index, milk_price, precipitation

SOURCES = (precipitation.SOURCE, milk_price.SOURCE, banco_central.SOURCE, dairy_index.SOURCE)
"""Every raw source, in the order in which people see them."""
