"""What the image of a Bento is made from; its environment is in bentofile.yaml.

A Dockerfile of our own is not among the choices: with one, `bentoml containerize` of BentoML 1.4.39
ends in an error.
"""

from bentoml.images import Image

UV = "uv==0.13.9"
"""What BentoML installs the libraries with, in the locked release."""

IMAGE = Image(
    base_image="python:3.11-slim",
    python_version="3.11",
    distro="",  # with a distribution BentoML installs compilers, which nothing here needs
    commands=[
        f"pip install --no-cache-dir {UV}",
        # BentoML makes these where they are missing, which it can't on a read-only file system.
        "mkdir -p /home/bentoml/bentos /home/bentoml/envs /home/bentoml/models /home/bentoml/tmp",
    ],
)
