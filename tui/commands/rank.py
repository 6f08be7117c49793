"""`rune rank`: images ranked by a formula, with proof; no model is involved."""

from tui.answers import run_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.filter_options import AreaCrsOption, AreaOption, FolderOption, SinceOption, UntilOption, filters_of
from tui.options import (
    DEFAULT_TOP_K,
    ArchiveOption,
    CertifyOption,
    ExportOption,
    FormulaArgument,
    OutputFormat,
    OutputOption,
    OverlaysOption,
    SkipCorruptOption,
    ThresholdOption,
    Thresholds,
    TimeLimitOption,
    TopKOption,
    text_argument,
)


def rank(
    *,
    formula: FormulaArgument,
    archive: ArchiveOption,
    top_k: TopKOption = DEFAULT_TOP_K,
    threshold: ThresholdOption = None,
    area: AreaOption = None,
    area_crs: AreaCrsOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    folder: FolderOption = None,
    skip_corrupt: SkipCorruptOption = False,
    output: OutputOption = OutputFormat.TEXT,
    save_overlays: OverlaysOption = None,
    export: ExportOption = None,
    certify: CertifyOption = False,
    timeout: TimeLimitOption = None,
) -> ExitCode:
    """Rank the images of an archive by a formula, with proof; no language model is involved.

    With --area, --since, --until or --folder only the images that pass all of them are asked and counted.
    """
    from tools.kernels import import_without_linear_algebra

    import_without_linear_algebra()
    from tools.archive import Archive
    from tools.english import reading_of
    from tools.ranking import rank as rank_images
    from tools.results import AttemptModel, RunResult
    from tools.validate import validate_formula
    from tui.deliver import deliver, export_targets
    from tui.progress import progress_on_stderr

    text = text_argument(formula, "formula")
    thresholds = Thresholds.of(threshold)
    exports = export_targets(export)
    opened = Archive.open(archive, skip_corrupt=skip_corrupt).only(filters_of(area, area_crs, since, until, folder))
    with progress_on_stderr() as progress:
        ranking = rank_images(
            text,
            archive=opened,
            top_k=top_k,
            threshold=thresholds.within(opened.ontology),
            certify=certify,
            timeout=timeout,
            progress=progress,
        )
    attempt = AttemptModel(formula=text, diagnostics=validate_formula(text, opened.ontology).diagnostics)
    result = RunResult(
        status="ok",
        query=None,
        model=None,
        formula=ranking.formula,
        reading=reading_of(ranking.formula, opened.ontology),
        attempts=[attempt],
        warnings=ranking.warnings,
        parts=ranking.parts,
        archive=ranking.archive,
        filtered=ranking.filtered,
        counts=ranking.counts,
        results=ranking.results,
        timings_ms=ranking.timings_ms,
    )
    return deliver(result, output, save_overlays, thresholds, exports=exports, archive=opened)


RANK = Command(
    name="rank",
    summary="Rank the images by a formula, with proof",
    body=rank,
    failed=run_failed,
    examples=(
        'rune rank "exists x y. plane(x) & storage_tank(y) & near(x, y)" --archive airports',
        'rune rank "exists>=3 x. ship(x)" --archive coast --top-k 0 --output json',
        'rune rank "exists x. ship(x)" --archive coast --threshold 0.5 --threshold ship=0.4',
        'rune rank "exists x. ship(x)" --archive coast --area 4.1,51.9,4.4,52.1 --area-crs EPSG:4326',
        'rune rank "exists x. ship(x)" --archive coast --since 2024-05-01 --until 2024-05-31 --folder north',
        'rune rank "exists x. ship(x)" --archive coast --export ships.geojson',
        'rune translate "two ships" | rune rank - --archive coast',
    ),
)
