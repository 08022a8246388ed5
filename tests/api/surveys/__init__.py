"""The surveys over HTTP."""
