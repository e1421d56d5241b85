"""The published site: baked widgets, the Jupyter Book build, a local server."""
