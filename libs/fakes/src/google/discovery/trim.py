"""Takes from Google's discovery document what the fake checks requests against."""

import json
import sys

METHODS = {
    "calendarList": ["get", "list"],
    "calendars": ["get"],
    "events": ["delete", "get", "insert", "instances", "list", "patch", "update"],
    "freebusy": ["query"],
}
PROSE = {"description", "enumDescriptions", "enumDeprecated", "deprecated"}


def without_prose(value):
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    if not isinstance(value, dict):
        return value
    # A property may itself be called "description": then its value is a schema.
    return {k: without_prose(v) for k, v in value.items() if k not in PROSE or isinstance(v, dict)}


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


document = json.load(sys.stdin)
resources = {
    name: {"methods": {m: document["resources"][name]["methods"][m] for m in methods}}
    for name, methods in METHODS.items()
}
wanted, todo = {}, [m["request"]["$ref"] for r in resources.values() for m in r["methods"].values() if "request" in m]
while todo:
    name = todo.pop()
    if name not in wanted:
        wanted[name] = document["schemas"][name]
        todo.extend(references(wanted[name]))
trimmed = {
    "source": "PyPI google-api-python-client, googleapiclient/discovery_cache/documents/calendar.v3.json; Apache-2.0",
    "revision": document["revision"],
    "servicePath": document["servicePath"],
    "auth": {"oauth2": {"scopes": {scope: {} for scope in document["auth"]["oauth2"]["scopes"]}}},
    "parameters": document["parameters"],
    "resources": resources,
    "schemas": wanted,
}
json.dump(without_prose(trimmed), sys.stdout, indent=1, sort_keys=True)
print()
