"""What Werkzeug compiles of a route, shared by all apps: nearly every test makes one of its own."""

from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder
_compiled: dict[Any, Any] = {}


def share() -> None:
    """From now on, in this process."""
    Rule._compile_builder = _compile_once  # type: ignore[method-assign,assignment]


def _compile_once(rule: Rule, append_unknown: bool = True) -> Any:
    if rule.defaults:
        return _compile(rule, append_unknown)
    key = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in _compiled:
        _compiled[key] = _compile(rule, append_unknown)
    return _compiled[key]
