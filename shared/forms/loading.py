"""One schema per declaration to load with: making one copies every field, three times the work.

Units: loading keeps what it finds in local variables alone, so threads may share a schema.
"""

from functools import cache

from marshmallow import Schema


@cache
def loader(schema: type[Schema]) -> Schema:
    """Give the schema that forms of a class are loaded by; nobody changes it."""
    return schema()
