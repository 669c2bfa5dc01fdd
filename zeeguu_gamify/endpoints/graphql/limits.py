"""How large a GraphQL request may be; a larger one is refused before anything is asked for.

`QueryDepthLimiter` and `MaxAliasesLimiter` of Strawberry follow each fragment as often as it is
spread, so that a document of 1000 bytes keeps them busy for an hour. Here each is measured once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from strawberry.extensions import (
    AddValidationRules,
    DisableIntrospection,
    MaxTokensLimiter,
    SchemaExtension,
)

from zeeguu_gamify.endpoints.schemas.leaderboards import LIMIT, MOST

#: The longest body.
MOST_BYTES = 32_768
#: The most words and signs of a document; to ask for everything takes 98. Checking a document takes
#: time by the square of them.
MOST_TOKENS = 400
MOST_DEPTH, MOST_ALIASES = 6, 10
#: A value costs 1, for each element of the lists it is in; everything costs 1480.
MOST_COST = 3000
#: So long a list is taken to be that no `limit` is for.
USUAL_LENGTH = 10


def extensions(*, introspection: bool) -> list[Callable[[], SchemaExtension]]:
    """What Strawberry asks before it executes anything."""
    limits: list[Callable[[], SchemaExtension]] = [
        lambda: MaxTokensLimiter(MOST_TOKENS),
        lambda: AddValidationRules([SizeRule]),
    ]
    return limits if introspection else [*limits, DisableIntrospection]


@dataclass(frozen=True, slots=True)
class _Size:
    """Of a part of a document."""

    depth: int
    aliases: int
    cost: int


class SizeRule(ValidationRule):
    """No operation is deeper, has more aliases or costs more than allowed."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments = {
            node.name.value: node
            for node in context.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[tuple[str, str, int], _Size] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure an operation; the library calls this."""
        root = self.context.schema.get_root_type(node.operation)
        size = self._of(node.selection_set, root, USUAL_LENGTH)
        for what, found, most in (
            ("depth", size.depth, MOST_DEPTH),
            ("number of aliases", size.aliases, MOST_ALIASES),
            ("cost", size.cost, MOST_COST),
        ):
            if found > most:
                text = f"The {what} of the operation is {found}; at most {most} is allowed."
                self.report_error(GraphQLError(text, node))

    def _of(self, selected: SelectionSetNode | None, parent: Any, length: int) -> _Size:
        """The size of what is selected of `parent`, where lists are `length` long."""
        nodes = selected.selections if selected else ()
        sizes = [self._of_one(node, parent, length) for node in nodes]
        return _Size(
            max((size.depth for size in sizes), default=0),
            sum(size.aliases for size in sizes),
            sum(size.cost for size in sizes),
        )

    def _of_one(self, node: SelectionNode, parent: Any, length: int) -> _Size:
        match node:
            case FieldNode():
                return self._of_field(node, parent, length)
            case FragmentSpreadNode():
                return self._of_fragment(node.name.value, parent, length)
            case InlineFragmentNode():
                return self._of(node.selection_set, parent, length)
        raise AssertionError(node)

    def _of_field(self, node: FieldNode, parent: Any, length: int) -> _Size:
        """A field that there is not counts as well: another rule refuses it."""
        aliases = 1 if node.alias else 0
        if node.name.value.startswith("__"):  # of introspection, which the library limits
            return _Size(1, aliases, 1)
        field = getattr(parent, "fields", {}).get(node.name.value)
        kind = field and get_nullable_type(field.type)
        length = _limit(node) if field and "limit" in field.args else length
        inner = self._of(node.selection_set, kind and get_named_type(kind), length)
        times = length if is_list_type(kind) else 1
        return _Size(1 + inner.depth, aliases + inner.aliases, 1 + times * inner.cost)

    def _of_fragment(self, name: str, parent: Any, length: int) -> _Size:
        """One that there is not, or that is within itself, is refused by other rules."""
        key = (name, str(parent), length)
        if key not in self._known:
            self._known[key] = _Size(0, 0, 0)
            if name in self._fragments:
                body = self._fragments[name].selection_set
                self._known[key] = self._of(body, parent, length)
        return self._known[key]


def _limit(node: FieldNode) -> int:
    """How many entries may be answered; what is not from 1 to `MOST` counts as that, as variables
    do, so that nothing makes the rest cheaper.
    """
    for argument in node.arguments or ():
        if argument.name.value == "limit":
            given = argument.value
            digits = given.value if isinstance(given, IntValueNode) else ""
            found = int(digits) if 0 < len(digits) <= len(str(MOST)) else MOST
            return found if 1 <= found <= MOST else MOST
    return LIMIT
