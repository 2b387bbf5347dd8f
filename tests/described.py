"""What doc/openapi.json says of the API, and whether an answer of the recorder is as it says."""
import functools
import json
import pathlib
import re

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent / "doc" / "openapi.json"
NO_BODY = {101, 204, 304}


class Description:
    def __init__(self, document):
        self.document = document
        self.operations = {(method.upper(), path): operation for path, item in document["paths"].items()
                           for method, operation in item.items() if method != "parameters"}  # fmt: skip
        self.paths = [(re.compile(self._pattern(path, item)), path) for path, item in document["paths"].items()]

    def resolved(self, part):
        """What a reference leads to, where it is one."""
        if "$ref" not in part:
            return part
        return functools.reduce(lambda at, name: at[name], part["$ref"].removeprefix("#/").split("/"), self.document)

    def _pattern(self, path, item):
        parameters = {p["name"]: self.resolved(p["schema"])["pattern"] for p in map(self.resolved, item.get("parameters", []))}
        parts = re.split(r"\{(\w+)\}", path)
        return "".join(re.escape(part) if i % 2 == 0 else f"(?:{parameters[part].strip('^$')})" for i, part in enumerate(parts))

    def operation(self, method, target):
        """(method, path) as in `operations`; None: the document has none. `target` may have a query."""
        for pattern, path in self.paths:
            if pattern.fullmatch(target.partition("?")[0]):
                found = ("GET" if method == "HEAD" else method, path)
                return found if found in self.operations else None
        return None

    def errors(self, schema, value):
        """The worst thing that is wrong with it, in a list; nothing is."""
        error = best_match(self._validator(json.dumps(schema)).iter_errors(value))
        return [f"{error.json_path}: {error.message[:500]}"] if error else []

    @functools.lru_cache(maxsize=None)
    def _validator(self, schema):
        return Draft202012Validator({**json.loads(schema), "components": self.document["components"]})

    def response(self, method, target, status):
        """What is said of this answer; None: nothing."""
        key = self.operation(method, target)
        if key and str(status) in self.operations[key]["responses"]:
            return self.resolved(self.operations[key]["responses"][str(status)])
        any_route = self.document["components"]["responses"]["Any"]
        # A path that there is not, as any server answers it.
        return any_route if status in any_route["x-statuses"] or (key is None and status == 404) else None

    def problems(self, method, target, status, headers, body):
        """In words, what an answer is that it should not be, or the other way round. `headers`: a mapping without case."""
        said = self.response(method, target, status)
        if said is None:
            return ["this status is not described"]
        found = [f"the header {name} is missing" for name, about in said.get("headers", {}).items()
                 if about.get("required") and name not in headers]  # fmt: skip
        for name, about in said.get("headers", {}).items():
            if name in headers:
                found += [f"{name}: {error}" for error in self.errors(about["schema"], headers[name])]
        content = said.get("content")
        if method == "HEAD" or status in NO_BODY:
            return found + (["it has a body"] if body else [])
        if content is None:
            return found + (["its body is not described"] if body else [])
        media = headers.get("Content-Type", "")
        if media not in content:
            return found + [f"the Content-Type '{media}' is not described"]
        if media == "application/json":
            try:
                found += self.errors(content[media]["schema"], json.loads(body))
            except ValueError as error:
                found.append(f"its body is no JSON: {error}")
        return found

    def check(self, method, target, status, headers, body):
        found = self.problems(method, target, status, headers, body)
        if found:
            what = f"{method} {target}: {status} is not as doc/openapi.json says"
            raise AssertionError(f"{what}: {'; '.join(found)}\n{body[:2000]}")


@functools.lru_cache(maxsize=None)
def description():
    return Description(json.loads(DOCUMENT.read_text(encoding="utf-8")))
