"""Models of requests and answers, one module an endpoint: fields, units, ranges.

`openapi` makes the document of the whole service from these models.
"""
