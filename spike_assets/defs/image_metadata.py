"""Pictures in asset metadata: a PNG inside Markdown, which the UI opens in a dialog."""

import base64

import dagster as dg


def image_metadata(png: bytes, *, alt: str) -> dg.MarkdownMetadataValue:
    """Make a PNG metadata.

    Args:
        png: The picture.
        alt: What it shows, for those who can't see it.
    """
    return dg.MetadataValue.md(f"![{alt}](data:image/png;base64,{base64.b64encode(png).decode()})")
