"""A gunicorn configuration for `--preload` with gevent: it must patch before the app is loaded."""

from gevent import monkey

monkey.patch_all()
