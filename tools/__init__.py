"""The tools: typed functions that a program, a command line or an agent calls; each loads what it needs when called."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.check import check_image as check_image
    from tools.describe import describe_ontology as describe_ontology
    from tools.detect import detect as detect
    from tools.explain import explain as explain
    from tools.export import export as export
    from tools.index import index_images as index_images
    from tools.rank import rank as rank
    from tools.validate import validate_formula as validate_formula
