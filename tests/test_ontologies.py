"""The shipped ontologies, and a user's own file with everything that can be wrong in it."""

from pathlib import Path

import pytest

from solvers.errors import InputError
from tools.ontologies import load_ontology, ontology_names


def test_the_shipped_ontologies_have_the_classes_of_their_data_sets() -> None:
    assert ontology_names() == ("dior", "dota", "floodnet", "xbd")
    assert {name: len(load_ontology(name).leaf_names) for name in ontology_names()} == {
        "dior": 20,
        "dota": 18,
        "floodnet": 10,
        "xbd": 5,
    }
    assert load_ontology().name == "dota"
    assert load_ontology("dota").leaves_of["vehicle"] == {"small_vehicle", "large_vehicle"}


@pytest.mark.parametrize(
    ("ontology", "label", "leaf"),
    [
        ("dota", "storage-tank", "storage_tank"),
        ("dota", "Oil Tank", "storage_tank"),
        ("dota", "airplane", "plane"),
        ("dota", "vehicle", None),
        ("dota", "unicorn", None),
        ("dior", "Expressway-toll-station", "expressway_toll_station"),
        ("dior", "groundtrackfield", "ground_track_field"),
        ("floodnet", "Building-flooded", "flooded_building"),
    ],
)
def test_labels_of_the_data_sets_find_their_leaf(ontology: str, label: str, leaf: str | None) -> None:
    assert load_ontology(ontology).leaf_for(label) == leaf


def test_an_unknown_name_names_the_nearest_and_all() -> None:
    with pytest.raises(
        InputError, match=r"no ontology 'dotta'; the nearest is dota; shipped are dior, dota, floodnet, xbd"
    ):
        load_ontology("dotta")


def test_a_users_own_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "farm.toml"
    file.write_text('\ufeff[classes.animal]\n[classes.cow]\nparent = "animal"\nsynonyms = ["cattle"]\n', "utf-8")
    ontology = load_ontology(str(file))
    assert (ontology.name, ontology.leaf_names, ontology.leaf_for("Cattle")) == ("farm", ("cow",), "cow")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at least one class"),
        ("classes = 3", "at least one class"),
        ("[classes.cow\n", r"not TOML: .*line 1"),
        ("[classes.cow]\nsynonim = []", r"class cow has the unknown key 'synonim'; the nearest is synonyms"),
        ("clases = 1", r"unknown key 'clases'; the nearest is classes"),
        ("[classes.Cow]", "'Cow' is not a class name"),
        ("[classes.cow]\nparent = 'animal'", "unknown parent animal"),
        ("[classes.a]\nparent = 'b'\n[classes.b]\nparent = 'a'", "its own ancestor"),
        ("[classes.cow]\nparent = 3", "parent must be the name of another class"),
        ("[classes.cow]\nsynonyms = 'cattle'", "synonyms must be a list of words"),
        ("[classes.cow]\nplurals = ['']", "'' is none"),
        ("[classes.cow]\nsynonyms = [1]", "1 is none"),
        ("[classes]\ncow = 1", r"class cow must be a table"),
        ("name = ' '\n[classes.cow]", "name must be a text"),
        ("[classes.cow]\nsynonyms = ['bull']\n[classes.bull]", "'bull' means both class cow and class bull"),
    ],
)
def test_a_wrong_file_is_an_error_that_names_file_and_fault(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        load_ontology(str(file))
    assert str(error.value).startswith(f"{file}: ")


def test_a_missing_file_and_one_that_is_no_text_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_ontology(str(tmp_path / "none.toml"))
    (tmp_path / "binary.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(InputError, match="UTF-8"):
        load_ontology(str(tmp_path / "binary.toml"))
    with pytest.raises(InputError, match="cannot be read"):
        (tmp_path / "folder.toml").mkdir()
        load_ontology(str(tmp_path / "folder.toml"))
