"""The edge of the HTTP service: the outermost application, around BentoML's.

It decides which requests are answered, reads bodies within limits, gives every error one form, and
logs every request. Predictions stay out, and so does BentoML: the edge knows an application with
routes.

`edge` is the order of the steps; the other modules are a step each.
"""
