"""An evaluation as files: JSON, Markdown, and one HTML page that needs nothing else."""

from tools.evaluation.report.write import ReportFiles, write_report

__all__ = ["ReportFiles", "write_report"]
