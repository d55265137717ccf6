"""Admin's forms as a browser meets them: addresses of pages, and what a form on a page would send."""

from html.parser import HTMLParser
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse


def url(thing: Model | type[Model], page: str, *more: Any) -> str:
    """`url(unit, "change")`, `url(Unit, "add")`, `url(gateway, "verb", "issue_token")`."""
    name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{page}"
    return reverse(name, args=[thing.pk, *more] if isinstance(thing, Model) else more)


class _Form(HTMLParser):
    """The answers that stand in the page's main form as it is served."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, list[str]] = {}
        self._select = self._textarea = ""
        self._inside = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = facts.get("id", "").endswith("_form")
        if not self._inside:
            return
        if tag == "select":
            self._select = facts["name"]
        elif tag == "option" and "selected" in facts:
            self._answer(self._select, facts.get("value", ""))
        elif tag == "textarea":
            self._textarea = facts["name"]
            self.answers[self._textarea] = [""]
        elif tag == "input" and _is_sent(facts):
            ticked = "on" if facts.get("type") == "checkbox" else ""
            self._answer(facts["name"], facts.get("value", ticked))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.answers[self._textarea][0] += data.lstrip("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""

    def _answer(self, name: str, value: str) -> None:
        self.answers.setdefault(name, []).append(value)


def _is_sent(facts: dict[str, str]) -> bool:
    kind = facts.get("type", "text")
    if "name" not in facts or kind in ("submit", "button") or "disabled" in facts:
        return False
    return kind not in ("checkbox", "radio") or "checked" in facts


def answers(response: Any) -> dict[str, Any]:
    """What pressing Save at once would send."""
    form = _Form()
    form.feed(response.content.decode())
    return dict(form.answers)


def save(client: Client, address: str, **changed: Any) -> Any:
    """Open the page, fill in the fields, press Save. A field given as None is left out, as an unticked box is."""
    sent = answers(client.get(address)) | changed | {"_save": "Save"}
    return client.post(address, {name: value for name, value in sent.items() if value is not None})


def errors(response: Any) -> dict[str, list[str]]:
    """What the form says is wrong, by field; rows of the page included."""
    context = response.context
    found = {name: list(told) for name, told in context["adminform"].form.errors.items()}
    for rows in context["inline_admin_formsets"]:
        found |= (
            {f"{rows.formset.prefix}": list(rows.formset.non_form_errors())} if rows.formset.non_form_errors() else {}
        )
        for form in rows.formset.forms:
            found |= {f"{form.prefix}-{name}": list(told) for name, told in form.errors.items()}
    return found
