#!/usr/bin/python3
"""Puts the models of models.json into a folder: imports or copies each, and checks its SHA-256.

A model that is there and has the right hash is left alone. A model with another hash is never put in place.
"""
import argparse
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def installed(path, wanted):
    try:
        with open(path, "rb") as file:
            return sha256(file.read()) == wanted
    except FileNotFoundError:
        return False


def make_integers(model, target):
    """The bytes of a model that calculates in integers, made from one that was put into `target` before it."""
    import onnx  # only now, as below
    import quantize
    with open(os.path.join(HERE, model["integers"]["ranges"]), encoding="utf-8") as file:
        ranges = json.load(file)["ranges"]
    source = onnx.load(os.path.join(target, model["integers"]["of"]))
    return quantize.quantize(source, ranges).SerializeToString(deterministic=True)


def make(model, packages, target):
    """The bytes of a model, made from the package that it comes from."""
    if "integers" in model:
        return make_integers(model, target)
    source = os.path.join(packages, model["package"], model["source"])
    if source.endswith(".onnx"):
        with open(source, "rb") as file:
            return file.read()
    import import_tfjs  # only now: it needs python3-onnx, and a second start should not wait for that
    outputs = {output["name"]: output["tensor"] for output in model["outputs"]}
    imported = import_tfjs.import_model(source, outputs, free_size="multiple_of" in model["input"])
    return imported.SerializeToString(deterministic=True)


def write(path, data):
    part = path + ".part"
    with open(part, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", help="the folder that gets the models and a copy of models.json")
    parser.add_argument("--packages", help="the folder with the unpacked npm packages, NAME@VERSION each")
    parser.add_argument("--check", action="store_true", help="change nothing; exit status 1 if a model is missing")
    parser.add_argument("--manifest", default=os.path.join(HERE, "models.json"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    with open(args.manifest, "rb") as file:
        manifest = file.read()

    missing = []
    for model in json.loads(manifest)["models"]:
        if not installed(os.path.join(args.target, model["file"]), model["sha256"]):
            missing.append(model)
    same_manifest = installed(os.path.join(args.target, "models.json"), sha256(manifest))
    if args.check:
        sys.exit(1 if missing or not same_manifest else 0)

    os.makedirs(args.target, exist_ok=True)
    for model in missing:
        data = make(model, args.packages, args.target)
        if sha256(data) != model["sha256"]:
            sys.exit(f"{model['file']}: the imported model is not the one that models/models.json pins\n"
                     f"  expected SHA-256 {model['sha256']}\n  got              {sha256(data)}\n"
                     f"It was not put in place. The importer or the package differs from what was tested.")
        write(os.path.join(args.target, model["file"]), data)
        print(f"{model['file']}: {model['what']}")
    write(os.path.join(args.target, "models.json"), manifest)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # pylint: disable=broad-except
        # The user sees one line of what went wrong; the importer's own errors are made for that.
        sys.exit(f"models/install.py: {type(error).__name__}: {error}")
