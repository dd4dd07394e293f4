"""The edge of the HTTP service: the outermost application, which stands around BentoML's.

It decides who is answered and how fast, reads bodies within limits, gives every error one form, and
says in the log what came of each request. What is predicted stays out, and so does BentoML: the
edge knows an application with routes.

`edge` is the order of the steps; the other modules are a step each.
"""
