"""Imports every events module, so that each fact finds its listeners in whichever process."""
