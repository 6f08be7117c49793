"""The archives that are measured: generated once as Arrow tables, in RUNE's own format, and kept in a folder."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from bench.generator import Generated, Recipe, drawn_confidences, generate
from solvers.ontology import Ontology
from tools.archive.files import MANIFEST_FILE, PARTS_FOLDER
from tools.archive.layout import part_ends
from tools.archive.manifest import Manifest, PartEntry, write_manifest
from tools.archive.part import write_part
from tools.archive.tables import ADDED_COLUMNS, PartTables, entities_schema, images_schema, merge_tables
from tools.ontologies import load_ontology
from tools.paths import cache_dir

GENERATOR_VERSION = 2
"""To be raised when the generator or the archive's tables change, so that no older archive is taken for a new one."""

RECIPE_FILE = "recipe.json"

PartsOf = Callable[[Path], Iterable[PartEntry]]


def default_folder() -> Path:
    """Where archives are kept if the user names no folder."""
    return cache_dir() / "bench"


def synthetic_archive(folder: Path, images: int, recipe: Recipe) -> Path:
    """The archive of so many synthetic images, generated if it is not there."""
    name = str(images)
    if recipe != Recipe():
        name += "-" + "-".join(f"{key}{value}" for key, value in asdict(recipe).items() if value is not None)
    wanted: dict[str, object] = {"version": GENERATOR_VERSION, "images": images, "recipe": asdict(recipe)}

    def parts(root: Path) -> Iterable[PartEntry]:
        ontology = load_ontology()
        ids = [f"s{number:07d}" for number in range(images)]
        for start, end in pairwise([0, *part_ends(ids)]):
            made = generate(end - start, start, sorted(ontology.leaf_names), recipe)
            yield write_part(_tables(made, ids[start:end], ontology), root)

    return _kept(folder / name, wanted, parts)


def repeated_archive(folder: Path, images: int, source: Path, sizes: Path, seed: int = 0) -> Path:
    """The annotated scenes of a folder over and over, each copy with confidences of its own.

    `source` is a folder of labels, `sizes` the file of image sizes, both as `rune index` takes them.
    """
    from tools.archive.manifest import read_manifest
    from tools.archive.part import Part
    from tools.index import index_images

    wanted: dict[str, object] = {"version": GENERATOR_VERSION, "images": images, "source": source.name, "seed": seed}

    def parts(root: Path) -> Iterable[PartEntry]:
        with TemporaryDirectory() as scratch:
            index_images(archive=Path(scratch) / "once", labels=source, sizes=sizes)
            manifest = read_manifest(Path(scratch) / "once")
            once = [Part(entry, Path(scratch) / "once").tables() for entry in manifest.parts]
        scenes = merge_tables(once, [each.images.column("image_id").to_pylist() for each in once])
        ids = [f"r{number:07d}" for number in range(images)]
        for start, end in pairwise([0, *part_ends(ids)]):
            yield write_part(_repeated(scenes, ids[start:end], start, seed), root)

    return _kept(folder / f"{source.name}-{images}", wanted, parts)


def _kept(root: Path, wanted: dict[str, object], parts: PartsOf) -> Path:
    """The archive in a folder, made anew unless it was made whole from just this recipe."""
    note = root / RECIPE_FILE
    if (root / MANIFEST_FILE).exists() and note.exists() and json.loads(note.read_text("utf-8")) == wanted:
        return root
    if root.exists() and any(root.iterdir()) and not note.exists():
        raise SystemExit(f"{root} is no archive of the bench; name another folder")
    shutil.rmtree(root, ignore_errors=True)
    (root / PARTS_FOLDER).mkdir(parents=True)
    note.write_text(json.dumps(wanted), "utf-8")
    write_manifest(root, Manifest(load_ontology(), tuple(parts(root))))
    return root


def _tables(made: Generated, ids: list[str], ontology: Ontology) -> PartTables:
    """One part's tables, its entities sorted by class, then image."""
    names = pa.array(sorted(ontology.leaf_names))
    order = np.lexsort((made.index, made.image, made.label))
    image_ids = pa.array(ids, pa.string())
    rows = pa.array(made.image[order].astype(np.int32))
    corners = made.corners[order]
    offsets = pa.array(np.arange(len(corners) + 1, dtype=np.int32) * corners.shape[1])
    polygon = entities_schema().field("polygon").type
    entities = pa.table(
        {
            "label": names.take(pa.array(made.label[order])),
            "image_id": image_ids.take(rows),
            "image_row": rows,
            "index": pa.array(made.index[order]),
            "confidence": pa.array(made.confidence[order]),
            "difficult": pa.array(np.zeros(len(order), np.bool_)),
            "polygon": pa.ListArray.from_arrays(offsets, pa.array(corners.ravel()), type=polygon),
        },
        schema=entities_schema(),
    )
    images = _image_table(
        ids,
        {"width": pa.array(made.width), "height": pa.array(made.height), "gsd": pa.array(made.gsd)},
        [sorted(ontology.leaf_names)] * len(ids),
    )
    return PartTables(images, entities)


def _image_table(ids: list[str], measures: dict[str, pa.Array], known: list[list[str]]) -> pa.Table:
    columns = {
        "image_id": pa.array(ids, pa.string()),
        "path": pa.nulls(len(ids), pa.string()),
        **measures,
        "crs": pa.nulls(len(ids), pa.string()),
        "transform": pa.nulls(len(ids), images_schema().field("transform").type),
        "known_labels": pa.array(known, images_schema().field("known_labels").type),
        "source": pa.array([f"{image_id}.txt" for image_id in ids], pa.string()),
        "member": pa.array([""] * len(ids), pa.string()),
        "acquired": pa.nulls(len(ids), images_schema().field("acquired").type),
        "origin": pa.nulls(len(ids), images_schema().field("origin").type),
        "digest": pa.array([hashlib.sha256(image_id.encode()).hexdigest() for image_id in ids], pa.string()),
    }
    columns |= {name: pa.nulls(len(ids), images_schema().field(name).type) for name in ADDED_COLUMNS}
    return pa.table(columns, schema=images_schema())


def _repeated(scenes: PartTables, ids: list[str], first: int, seed: int) -> PartTables:
    """A part of copies: image number i is a copy of scene i modulo the number of scenes."""
    count = scenes.images.num_rows
    scene_of = (first + np.arange(len(ids))) % count
    per_scene = np.bincount(scenes.entities.column("image_row").to_numpy(), minlength=count)
    by_scene = np.argsort(scenes.entities.column("image_row").to_numpy(), kind="stable")
    starts = np.cumsum(per_scene) - per_scene
    lengths = per_scene[scene_of]
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    taken = by_scene[np.repeat(starts[scene_of], lengths) + within]
    row = np.repeat(np.arange(len(ids)), lengths)

    labels = scenes.entities.column("label").to_pylist()
    rank = np.unique(np.array(labels, dtype=object), return_inverse=True)[1]
    order = np.lexsort((scenes.entities.column("index").to_numpy()[taken], row, rank[taken]))
    taken, row = taken[order], row[order]
    rows = pa.array(row.astype(np.int32))
    entities = scenes.entities.take(pa.array(taken))
    confidence = drawn_confidences(np.random.Generator(np.random.Philox(key=[seed, first])), len(ids), row)
    for name, values in {
        "image_id": pa.array(ids, pa.string()).take(rows),
        "image_row": rows,
        "confidence": pa.array(confidence),
    }.items():
        place = entities.schema.get_field_index(name)
        entities = entities.set_column(place, entities_schema().field(name), values)
    images = scenes.images.take(pa.array(scene_of))
    measures = {name: images.column(name).combine_chunks() for name in ("width", "height", "gsd")}
    return PartTables(_image_table(ids, measures, images.column("known_labels").to_pylist()), entities)
