"""Embedded sample: synthetic files in the raw format of the real ones, damaged in the same ways."""
