"""The routes: one blueprint per subject, in Zeeguu's order of decorators."""

from zeeguu_gamify.endpoints import badges, openapi

#: Every blueprint of the product.
BLUEPRINTS = (badges.blueprint, openapi.blueprint)

__all__ = ["BLUEPRINTS"]
