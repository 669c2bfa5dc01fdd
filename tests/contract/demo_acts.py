"""What learners do in the demo, over its routes."""

from __future__ import annotations

from typing import Any

from zeeguu_gamify.testing import SessionClient

CONTEXT = "Am Samstag gehe ich auf den Markt."
#: The signals that are sent, as dictionaries.
Sent = list[dict[str, Any]]


def progress(learner: SessionClient, family: str) -> int:
    """The learner's value of a family's metric, as `/my_badges` shows it."""
    values = {each["name"]: each["current_value"] for each in learner.get("/my_badges").get_json()}
    return int(values[family])


def translate(learner: SessionClient, word: str, context: str = CONTEXT, to: str = "en") -> Any:
    form = {"word": word, "context": context}
    return learner.post(f"/translate_word/de/{to}", data=form).get_json()


def report(learner: SessionClient, key: str | None = None, **fields: Any) -> Any:
    form = {"word": "Haus", "outcome": "C", "source": "Recognize", **fields}
    headers = {"Idempotency-Key": key} if key else {}
    return learner.post("/report_exercise_outcome", data=form, headers=headers)


def scroll(learner: SessionClient, article: int = 1, **fields: Any) -> Any:
    form = {"event": "SCROLL", "article_id": article, **fields}
    return learner.post("/upload_user_activity_data", data=form)


def complete(learner: SessionClient, lesson: int, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return learner.post(
        f"/update_lesson_state/{lesson}", json={"action": "complete"}, headers=headers
    )


def todays_lesson(learner: SessionClient) -> int:
    return int(learner.get("/get_todays_lesson").get_json()["lesson_id"])
