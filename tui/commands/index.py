"""`rune index`: images and annotations become an archive."""

from pathlib import Path
from typing import Annotated

import typer

from tui.answers import index_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.options import (
    Detector,
    OntologyOption,
    OutputFormat,
    OutputOption,
    batch_number,
    classes_of,
    overlap_number,
    path,
    paths_argument,
    tile_number,
)

MANY_TOLD = 100
"""So many rejected images are told one by one in text."""


def index(
    *,
    archive: Annotated[
        Path, typer.Option("--archive", metavar="DIR", parser=path, help="The archive to make or to bring up to date.")
    ],
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="IMAGES", help="Image files and folders, or - for paths on stdin, one per line."),
    ] = None,
    detector: Annotated[
        Detector | None,
        typer.Option(
            "--detector", help="yolo finds objects, annotations reads --labels; with --labels it is the latter."
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="FILE",
            help="A detector's weights; yolo26n-obb.pt unless told. 'demo' are those for rendered scenes.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels",
            metavar="PATH",
            parser=path,
            help="A folder of DOTA labelTxt, YOLO txt, xBD json or masks, or one COCO, GeoJSON or GeoParquet file.",
        ),
    ] = None,
    ontology: OntologyOption = "dota",
    classes: Annotated[
        str | None,
        typer.Option("--classes", metavar="LIST", help="The classes that the labels could name: plane,ship,..."),
    ] = None,
    sizes: Annotated[
        Path | None,
        typer.Option(
            "--sizes",
            metavar="FILE",
            parser=path,
            help='Sizes of images without pixels: {"stem": {"width", "height"}}.',
        ),
    ] = None,
    names: Annotated[
        str | None,
        typer.Option(
            "--names",
            metavar="FILE",
            help="What class numbers mean: a data.yaml, a list of names, or dota; found if it lies beside the labels.",
        ),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out and count broken annotations; else the first ends the run.")
    ] = False,
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="DEVICE", help="What the detector runs on: cpu, 0, mps; else the best."),
    ] = None,
    tile: Annotated[
        int | None,
        typer.Option(
            "--tile", metavar="PX", parser=tile_number, help="Side of the tiles that larger images are cut into; 1024."
        ),
    ] = None,
    overlap: Annotated[
        int | None,
        typer.Option(
            "--overlap", metavar="PX", parser=overlap_number, help="What neighbouring tiles share; 200 of 1024."
        ),
    ] = None,
    overview: Annotated[
        bool, typer.Option(help="Look at images that are cut as a whole as well, for what is larger than the overlap.")
    ] = True,
    batch: Annotated[
        int | None,
        typer.Option(
            "--batch", metavar="N", parser=batch_number, help="Tiles looked at in one go; what suits the device."
        ),
    ] = None,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Index images, by a detector or from annotations that you have; an archive that is there is brought up to date.

    Images that cannot be read are listed with the reason, and the run goes on; exit code 1 where none can be. After
    control-C, a kill or a full disk the same command goes on from what was committed.
    """
    import sys

    from tools.index import index_images
    from tui.failures import to_json
    from tui.progress import progress_on_stderr
    from tui.render import render_report
    from tui.text import Style, emit, narrate, safe

    try:
        with progress_on_stderr() as progress:
            report = index_images(
                paths_argument(images or []),
                archive=archive,
                detector=None if detector is None else detector.value,
                weights=weights,
                labels=labels,
                ontology=ontology,
                classes=classes_of(classes),
                sizes=sizes,
                names=names,
                skip_bad=skip_bad,
                device=device,
                tile=tile,
                overlap=overlap,
                overview=overview,
                batch=batch,
                progress=progress,
            )
    except KeyboardInterrupt:
        narrate(f"what is indexed is kept in {safe(str(archive))}; the same command goes on from there")
        raise
    style = Style.of(sys.stderr)
    for each in report.rejected[:MANY_TOLD]:
        narrate(f"{style.red('rejected')}: {safe(each.path)}: {safe(each.reason)}")
    if len(report.rejected) > MANY_TOLD:
        narrate(f"{style.red('rejected')}: and {len(report.rejected) - MANY_TOLD:,} more; --output json lists all")
    for reason in report.skipped.first:
        narrate(f"{style.yellow('skipped')}: {safe(reason)}")
    if report.skipped.count > len(report.skipped.first):
        narrate(f"{style.yellow('skipped')}: and {report.skipped.count - len(report.skipped.first):,} more")
    for warning in report.warnings:
        narrate(f"{style.yellow('warning')}: {safe(warning)}")
    emit(to_json(report.model_dump()) if output is OutputFormat.JSON else render_report(report, Style.of(sys.stdout)))
    indexed = report.added + report.unchanged + report.replaced
    return ExitCode.FAILED if report.rejected and not indexed else ExitCode.DONE


INDEX = Command(
    name="index",
    summary="Make or update an archive of images",
    body=index,
    failed=index_failed,
    examples=(
        "rune index images/ --archive airports",
        "rune index images/ --labels labelTxt/ --archive airports",
        "rune index --labels labelTxt/ --sizes sizes.json --archive airports",
        "rune index images/ --labels yolo-labels/ --names data.yaml --archive airports",
        "rune index --labels instances.json --archive coast --skip-bad",
        "rune index xbd/images/ --labels xbd/labels/ --ontology xbd --archive hurricane",
        "rune index mosaics/ --archive city --tile 1280 --overlap 256 --device 0",
        "rune index floodnet/images/ --labels floodnet/masks/ --ontology floodnet --archive flood",
        "rune index scenes/ --labels buildings.geojson --classes plane,ship --archive coast",
        "find . -name '*.tif' | rune index - --archive coast --weights my-obb.pt",
    ),
)
