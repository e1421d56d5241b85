"""The browser edition: JupyterLite with its own Pyodide, so that a student installs nothing."""
