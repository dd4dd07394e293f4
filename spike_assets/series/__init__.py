"""Published series: `catalogue` lists each with its unit, meaning, range and publication lag.

Pure data. Every other package may import it.
"""
