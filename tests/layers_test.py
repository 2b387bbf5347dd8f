#!/usr/bin/python3
"""The layers hold: a module includes only modules of lower layers (or itself), and a library is included by one module."""
import pathlib
import re
import sys

# Lower number, lower layer. The order is that of CMakeLists.txt.
LAYERS = {
    "base": 0,
    "client": 1, "image": 1, "crypto": 1,
    "age": 2, "media": 2, "vision": 2, "ledger": 2, "onvif": 2,
    "redact": 3, "measure": 3, "seal": 3, "store": 3, "verify": 3,
    "camera": 4,
    "server": 5,
    "app": 6,
}
# What a line includes -> the modules that may. A test may include the library of the module it tests.
LIBRARIES = {
    r"libav(format|codec|util)/|libsw(scale|resample)/": {"media"},
    r"onnxruntime": {"vision"},
    r"opencv2/": {"vision", "measure"},
    r"sqlite3\.h|SQLiteCpp/": {"store"},
    r"sodium": {"crypto", "store"},
    r"seccomp\.h|linux/landlock": {"camera"},
    r"boost/|openssl/": {"server"},
    r"expat\.h": {"onvif"},
    r"qrencode\.h": {"server"},
    r"CLI/": {"app", "verify"},
    r"curl/": {"client"},
    r"yaml-cpp/": {"app"},
    r"spdlog/": {"base"},
    r"google/protobuf|\.pb\.h": {"camera"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def problems(root):
    seen = 0
    for path in sorted(root.glob("src/*/**/*")):
        if path.suffix not in (".h", ".cc"):
            continue
        module = path.relative_to(root / "src").parts[0]
        seen += 1
        if module not in LAYERS:
            yield f"{path}: the module '{module}' has no layer; add it to {__file__} and ARCHITECTURE.md"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            bracket, name = match.groups()
            for pattern, users in LIBRARIES.items():
                if re.search(pattern, name) and module not in users:
                    yield f"{path}:{number}: {name} belongs to {', '.join(sorted(users))}"
            other = name.split("/")[0]
            if bracket == '"' and other in LAYERS and other != module and LAYERS[other] >= LAYERS[module]:
                yield f"{path}:{number}: {module} (layer {LAYERS[module]}) includes {name} (layer {LAYERS[other]})"
    if seen < 20:
        yield f"only {seen} source files found under {root}: the check would prove nothing"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(problems(root))
    print("\n".join(found) if found else "the layers hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
