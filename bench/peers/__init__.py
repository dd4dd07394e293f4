"""Minimal programs in the manner of others, serving the same model to the same requests.

Each is started with the environment variables PORT and MODEL: the file of a pickled scikit-learn
pipeline, which the benchmark that starts it wrote itself.
"""
