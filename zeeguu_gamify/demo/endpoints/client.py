"""What else the real web client asks of a host before it shows anything (docs/contract.md §8)."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from zeeguu_gamify.demo.details import cohorts_of
from zeeguu_gamify.demo.endpoints.blueprint import api, current_user
from zeeguu_gamify.demo.languages import LANGUAGES, LEARNABLE, languages_of
from zeeguu_gamify.endpoints.wrappers import cross_domain, requires_session


# ---------------------------------------------------------------------------
@api.route("/ping", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
def ping() -> ResponseReturnValue:
    """The server is there."""
    return "OK"


# ---------------------------------------------------------------------------
@api.route("/system_languages", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
def system_languages() -> ResponseReturnValue:
    """The languages to learn and to come from."""
    return jsonify(learnable_languages=_options(LEARNABLE), native_languages=_options(LANGUAGES))


def _options(languages: dict[str, str]) -> list[dict[str, str]]:
    return [{"code": code, "name": name} for code, name in languages.items()]


# ---------------------------------------------------------------------------
@api.route("/user_preferences", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def user_preferences() -> ResponseReturnValue:
    """Nobody has set any."""
    return jsonify({})


# ---------------------------------------------------------------------------
@api.route("/articles_shared_with_me", methods=["GET"])
@api.route("/all_scheduled_user_words", methods=["GET"])
@api.route("/user_articles/recommended", methods=["GET"])
@api.route("/subscribed_topics", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def nothing_to_list() -> ResponseReturnValue:
    """What the demo does not have."""
    return jsonify([])


# ---------------------------------------------------------------------------
@api.route("/exercises_completed_this_week", methods=["GET"])
@api.route("/count_of_user_words_recommended_for_practice", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def nothing_to_count() -> ResponseReturnValue:
    """What the demo does not count."""
    return jsonify(0)


# ---------------------------------------------------------------------------
@api.route("/activity_by_day", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def activity_by_day() -> ResponseReturnValue:
    """The calendar of activity, which the demo leaves empty."""
    return jsonify(reading=[], exercises=[])


# ---------------------------------------------------------------------------
@api.route("/get_onboarding_message_status", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def get_onboarding_message_status() -> ResponseReturnValue:
    """Every introduction has been shown already."""
    return jsonify(shown=True)


# ---------------------------------------------------------------------------
@api.route("/student_info", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def student_info() -> ResponseReturnValue:
    """The classes that the user is in."""
    user = current_user()
    cohorts = [
        {"id": cohort.id, "name": cohort.name, "language_id": cohort.language_id}
        for cohort in cohorts_of(user)
    ]
    return jsonify(name=user.name, email=user.email, cohorts=cohorts)


# ---------------------------------------------------------------------------
@api.route("/user_languages", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def user_languages() -> ResponseReturnValue:
    """The languages that the user studies."""
    return jsonify(
        [
            {
                "id": studied.language.id,
                "code": studied.language.code,
                "language": studied.language.name,
            }
            for studied in languages_of(current_user())
        ]
    )
