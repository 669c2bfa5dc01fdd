"""Forms of the panel: each POST brings back a token that only this session could be given."""

from __future__ import annotations

from typing import Any

from wtforms import Form, StringField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Length, ValidationError

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
    def values(self) -> dict[str, Any]:
        """What was filled in, by field."""
        return {field.name: field.data for field in self.inputs}


def strip(text: str | None) -> str:
    """A filter of fields: what was typed, without blanks around it."""
    return (text or "").strip()


def reason_field() -> StringField:
    """Why somebody changes something; not to be left out."""
    return StringField(
        "Why?",
        filters=[strip],
        validators=[DataRequired("Say why."), Length(max=REASON_LENGTH)],
        description="Kept in the audit log, for whoever asks later.",
    )
