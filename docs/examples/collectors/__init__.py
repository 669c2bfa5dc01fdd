"""An example host: people who collect things, and badges that have nothing to do with languages.

FLASK_APP=collectors flask gamify db upgrade     # in docs/examples
FLASK_APP=collectors flask gamify catalog apply --deprecate   # production's badges
FLASK_APP=collectors flask run
"""

from collectors.app import create_app

__all__ = ["create_app"]
