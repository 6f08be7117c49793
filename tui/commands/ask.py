"""`rune ask`: a question in English, answered by ranked images with proof."""

from tui.answers import run_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.filter_options import AreaCrsOption, AreaOption, FolderOption, SinceOption, UntilOption, filters_of
from tui.options import (
    DEFAULT_MODEL_CALLS,
    DEFAULT_MODEL_TIMEOUT_S,
    DEFAULT_SECONDS,
    DEFAULT_TOKENS,
    DEFAULT_TOP_K,
    ArchiveOption,
    BaseUrlOption,
    CandidatesOption,
    CertifyOption,
    ExportOption,
    MaxCallsOption,
    MaxSecondsOption,
    MaxTokensOption,
    ModelOption,
    ModelTimeoutOption,
    OutputFormat,
    OutputOption,
    OverlaysOption,
    QueryArgument,
    SessionOption,
    SkipCorruptOption,
    ThresholdOption,
    Thresholds,
    TopKOption,
    text_argument,
)


def ask(
    *,
    query: QueryArgument,
    archive: ArchiveOption,
    model: ModelOption = "offline",
    base_url: BaseUrlOption = None,
    session: SessionOption = None,
    candidates: CandidatesOption = 1,
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
    max_calls: MaxCallsOption = DEFAULT_MODEL_CALLS,
    max_tokens: MaxTokensOption = DEFAULT_TOKENS,
    max_seconds: MaxSecondsOption = DEFAULT_SECONDS,
    timeout: ModelTimeoutOption = DEFAULT_MODEL_TIMEOUT_S,
) -> ExitCode:
    """Ask an archive in English: the question becomes a formula, the images are ranked by it, with proof.

    With --session a question may go on from the one before: "now without ships", "at least five instead", "only sure
    ones", "why not P0706?", "undo". A session keeps its threshold, its number of images and the filters that are said
    to it ("filter --since 2024", "filter none"). With --area, --since, --until or --folder only the images that pass
    all of them are asked and counted, this once.
    """
    import agent
    from tools.kernels import import_without_linear_algebra

    import_without_linear_algebra()
    from agent.budget import Budget
    from tools.archive import Archive
    from tui.deliver import deliver, export_targets
    from tui.progress import progress_on_stderr

    question = text_argument(query, "query")
    thresholds = Thresholds.of(threshold)
    exports = export_targets(export)
    opened = Archive.open(archive, skip_corrupt=skip_corrupt).only(filters_of(area, area_crs, since, until, folder))
    budget = Budget(model_calls=max_calls, tokens=max_tokens, seconds=max_seconds)
    if session is not None:
        from tui.sessions import deliver_turn

        with progress_on_stderr() as progress:
            turn = agent.Conversation(
                archive=opened,
                session=session,
                model=model,
                base_url=base_url,
                candidates=candidates,
                top_k=top_k,
                threshold=thresholds.general,
                class_thresholds=thresholds.by_class,
                certify=certify,
                timeout=timeout,
                budget=budget,
                progress=progress,
            ).send(question)
        return deliver_turn(turn, output, save_overlays, exports=exports, archive=opened)
    with progress_on_stderr() as progress:
        result = agent.run(
            question,
            archive=opened,
            model=model,
            base_url=base_url,
            candidates=candidates,
            top_k=top_k,
            threshold=thresholds.within(opened.ontology),
            certify=certify,
            timeout=timeout,
            budget=budget,
            progress=progress,
        )
    return deliver(result, output, save_overlays, thresholds, exports=exports, archive=opened)


ASK = Command(
    name="ask",
    summary="Ask in English; images ranked with proof",
    body=ask,
    failed=run_failed,
    examples=(
        'rune ask "at least three planes next to a storage tank" --archive airports',
        'rune ask "a harbor but no ship" --archive coast --top-k 5 --save-overlays pictures',
        'rune ask "two ships" --archive coast --area harbour.geojson --since 2024-05 --folder "north/*"',
        'rune ask "two ships" --archive coast --export ships.geojson --export ships.parquet',
        'rune ask "two ships" --archive coast --session fleet',
        'rune ask "now only sure ones" --archive coast --session fleet',
        'rune ask "two ships" --archive coast --model openai:gpt-5-mini --output json',
        'rune ask "two ships" --archive coast --model openai:qwen3 --base-url http://localhost:11434/v1',
    ),
)
