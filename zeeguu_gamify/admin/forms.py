"""Forms of the panel: each POST brings back a token that only this session could be given."""

from __future__ import annotations

from typing import Any

from wtforms import Form, StringField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from zeeguu_gamify.admin.access import admin

#: So much of a reason is kept.
REASON_LENGTH = 255


class SessionToken(CSRF):
    """WTForms' CSRF, by the token of the session."""

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """The token that the form has in it."""
        return admin().token

    def validate_csrf_token(self, form: BaseForm, field: CSRFTokenField) -> None:
        """Raise ValidationError for the token of another session, or of long ago."""
        if not admin().gave(field.data or ""):
            raise ValidationError("This form is too old, or not of this session; send it again.")


class PanelForm(Form):
    """The base of every form of the panel, with its token."""

    class Meta:
        """Check the token."""

        csrf = True
        csrf_class = SessionToken
        csrf_field_name = "csrf"

    @property
    def inputs(self) -> list[Any]:
        """The fields, without the token."""
        return [field for field in self if field.name != self.meta.csrf_field_name]

    @property
    def token_problem(self) -> str:
        """What is wrong with the token, if all the rest of the form, once validated, is right."""
        token = self.meta.csrf_field_name
        return " ".join(self.errors[token]) if set(self.errors) == {token} else ""

    @property
    def values(self) -> dict[str, Any]:
        """What was filled in, by field."""
        return {field.name: field.data for field in self.inputs}


def strip(text: str | None) -> str:
    """A filter of fields: what was typed, without blanks around it."""
    return (text or "").strip()


def listed(text: str) -> list[str]:
    """What was typed with commas between."""
    return [one for one in map(str.strip, text.split(",")) if one]


def user_field(
    description: str = "Username, e-mail or id.", *, required: bool = True
) -> StringField:
    """Who; for `users.called`."""
    wanted = InputRequired("Name a user.") if required else Optional()
    return StringField("User", [wanted, Length(max=255)], [strip], description=description)


def badge_field(description: str = "Its code.", *, required: bool = True) -> StringField:
    """Which badge, by its code; the page suggests them (`_codes.html`)."""
    wanted = InputRequired("Name a badge.") if required else Optional()
    return StringField(
        "Badge", [wanted, Length(max=64)], [strip], description=description,
        render_kw={"list": "badge-codes"},
    )  # fmt: skip


def event_field(label: str, description: str) -> StringField:
    """Which event, if any, by its name; the page suggests them (`_codes.html`)."""
    return StringField(
        label, [Optional(), Length(max=64)], [strip], description=description,
        render_kw={"list": "event-names"},
    )  # fmt: skip


def reason_field() -> StringField:
    """Why somebody changes something; not to be left out."""
    return StringField(
        "Why?",
        filters=[strip],
        validators=[DataRequired("Say why."), Length(max=REASON_LENGTH)],
        description="Kept in the audit log, for whoever asks later.",
    )
