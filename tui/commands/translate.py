"""`rune translate`: the formula that a question means, and nothing else."""

from tui.answers import TRANSLATION_KEYS, translation_failed
from tui.command import Command
from tui.exit_codes import ExitCode
from tui.options import (
    DEFAULT_MODEL_CALLS,
    DEFAULT_MODEL_TIMEOUT_S,
    DEFAULT_SECONDS,
    DEFAULT_TOKENS,
    BaseUrlOption,
    CandidatesOption,
    MaxCallsOption,
    MaxSecondsOption,
    MaxTokensOption,
    ModelOption,
    ModelTimeoutOption,
    OntologyOption,
    OutputFormat,
    OutputOption,
    QueryArgument,
    text_argument,
)


def translate(
    *,
    query: QueryArgument,
    ontology: OntologyOption = "dota",
    model: ModelOption = "offline",
    base_url: BaseUrlOption = None,
    candidates: CandidatesOption = 1,
    max_calls: MaxCallsOption = DEFAULT_MODEL_CALLS,
    max_tokens: MaxTokensOption = DEFAULT_TOKENS,
    max_seconds: MaxSecondsOption = DEFAULT_SECONDS,
    output: OutputOption = OutputFormat.TEXT,
    timeout: ModelTimeoutOption = DEFAULT_MODEL_TIMEOUT_S,
) -> ExitCode:
    """Translate a question in English to a formula; no archive is needed."""
    import sys

    import agent
    from agent.budget import Budget
    from tui.deliver import CODES, tell_why
    from tui.failures import to_json
    from tui.text import Style, emit, narrate, safe

    result = agent.translate(
        text_argument(query, "query"),
        ontology=ontology,
        model=model,
        base_url=base_url,
        candidates=candidates,
        timeout=timeout,
        budget=Budget(model_calls=max_calls, tokens=max_tokens, seconds=max_seconds),
    )
    if output is OutputFormat.JSON:
        answer = result.model_dump()
        emit(to_json({key: answer[key] for key in TRANSLATION_KEYS}))
    elif result.status == "ok" and result.formula is not None:
        emit(safe(result.formula))
        for warning in result.warnings:
            narrate(f"{Style.of(sys.stderr).yellow('warning')}: {safe(warning)}")
    if result.status != "ok":
        tell_why(result)
    return CODES[result.status]


TRANSLATE = Command(
    name="translate",
    summary="The formula that a question means",
    body=translate,
    failed=translation_failed,
    examples=(
        'rune translate "at least three planes and no ship"',
        'rune translate "a bridge next to a harbor" --output json',
    ),
)
