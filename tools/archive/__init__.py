"""The archive: a folder of Parquet parts and one manifest that says which of them count."""

from tools.archive.columns import EntityColumns
from tools.archive.reader import Archive
from tools.archive.records import ImageKey, IndexedImage, StoredImage
from tools.archive.writer import ArchiveWriter

__all__ = ["Archive", "ArchiveWriter", "EntityColumns", "ImageKey", "IndexedImage", "StoredImage"]
