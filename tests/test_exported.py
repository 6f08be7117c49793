"""Networks that are exported to ONNX: they hold no code, and are refused where they are none of ultralytics'."""

import sys
from pathlib import Path

import pytest

from solvers.errors import InputError, RuneError
from tests.detect_weights import patchwork, write_weights
from tools.detector import load_detector
from tools.ontologies import load_ontology
from tools.ultralytics_guard import import_ultralytics


def test_without_its_runtime_an_exported_network_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.onnx").write_bytes(b"no network")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RuneError, match=r"net\.onnx takes onnxruntime.*pip install 'rune-retrieval\[onnx\]'"):
        load_detector(tmp_path / "net.onnx", ontology=load_ontology("dota"))


def test_an_exported_network_detects(tmp_path: Path) -> None:
    for name in ("onnx", "onnxruntime"):
        pytest.importorskip(name, reason="needs the extra onnx")
    model = import_ultralytics().YOLO(write_weights(tmp_path / "net.pt"))
    model.export(format="onnx", imgsz=320, simplify=False, nms=False)
    (tmp_path / "text.onnx").write_text("no network")
    dota = load_ontology("dota")
    with pytest.raises(InputError, match=r"text\.onnx are not a network that ultralytics exported"):
        load_detector(tmp_path / "text.onnx", ontology=dota)
    detector = load_detector(tmp_path / "net.onnx", ontology=dota)
    assert (detector.image_size, detector.tiling.tile) == (320, 320)
    patchwork(320, 320).save(tmp_path / "P1.png")
    assert detector.detect(tmp_path / "P1.png").entities
