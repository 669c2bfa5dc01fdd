"""The routes: one blueprint per subject, in Zeeguu's order of decorators."""

from zeeguu_gamify.endpoints import avatar, badges, friends, openapi, profile

#: Every blueprint of the product.
BLUEPRINTS = (
    badges.blueprint,
    friends.blueprint,
    profile.blueprint,
    avatar.blueprint,
    openapi.blueprint,
)

__all__ = ["BLUEPRINTS"]
