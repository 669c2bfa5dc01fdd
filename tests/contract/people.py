"""Learners of the demo host, and a look into its database behind their backs."""

from typing import Any

from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from zeeguu_gamify.demo.database import db
from zeeguu_gamify.testing import SessionClient

PASSWORD = "secret"


def sign_up(app: Flask, name: str, **form: str) -> SessionClient:
    """A client that is logged in as a new learner of German."""
    answer = post_sign_up(app, f"{name}@example.com", username=name.title(), **form)
    assert answer.status_code == 200, answer.text
    return SessionClient(app, answer.text)


def post_sign_up(app: Flask, email: str, **form: str) -> TestResponse:
    """Post the sign-up form for `email`; fields may be changed, or left out with ""."""
    fields = {"username": "Ada", "password": PASSWORD, "learned_language": "de", **form}
    return app.test_client().post(f"/add_user/{email}", data=fields)


def sql(app: Flask, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Run a statement on the demo's database; return its rows, if it has any."""
    with app.app_context(), db.engine.begin() as connection:
        done = connection.execute(text(statement), values)
        return [tuple(row) for row in done] if done.returns_rows else []


def user_id(app: Flask, client: SessionClient) -> int:
    """The id of the user behind a client."""
    ((found,),) = sql(app, "SELECT user_id FROM session WHERE uuid = :uuid", uuid=client.uuid)
    return int(found)
