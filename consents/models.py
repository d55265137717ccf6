"""Purposes, the texts that explain them, what people have been asked and have answered, and the proof of it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consents.kinds import (
    Answer,
    Category,
    ConsentKind,
    GivenBy,
    How,
    Necessity,
    ResidentView,
    Understanding,
    Variant,
)
from consents.querysets import ConsentQuerySet, RelativeViewQuerySet, TaskQuerySet, TextQuerySet
from consents.states import OPEN, State
from safehome import clock
from safehome.organisation.models import Administration, Regime, Unit, User
from safehome.residents.models import Cohabitant, Contact, DatedModel, Representative, Resident


def private_storage() -> FileSystemStorage:
    """Files that no web server hands out: views give them to whom the policy lets."""
    return FileSystemStorage(location=settings.SAFEHOME_DATA_DIR / "private")


# --- Purposes ----------------------------------------------------------------------------------------------------


class Purpose(DatedModel):
    """What personal data is used for, by whom, on which legal basis: a row of the register of processing (GDPR 30).

    Dated configuration: a rule that changes is a new row, or an end to this one. `reading_kinds` are the kinds of
    device readings that rest on it; `cohabitants` says whether those who live in the home must agree too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    administration = models.ForeignKey(
        Administration, models.PROTECT, related_name="purposes", verbose_name=_("controller")
    )
    code = models.SlugField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind of consent"), max_length=20, choices=ConsentKind)
    regime = models.CharField(_("regime"), max_length=3, choices=Regime)
    basis = models.CharField(_("legal basis"), max_length=20, help_text=_("GDPR article 6, as 6.1.e."))
    special_basis = models.CharField(
        _("basis for sensitive data"), max_length=20, blank=True, help_text=_("GDPR article 9, as 9.2.h.")
    )
    source = models.CharField(_("legal source"), max_length=300)
    necessity = models.CharField(_("necessity"), max_length=10, choices=Necessity, default=Necessity.OPTIONAL)
    alternative = models.TextField(_("alternative when saying no"))
    consent_required = models.BooleanField(
        _("needs consent"), default=True, help_text=_("Without it the legal basis alone lets data flow.")
    )
    cohabitants = models.BooleanField(_("those who live there agree too"), default=False)
    reading_kinds = models.JSONField(_("reading kinds"), default=list, blank=True)
    retention_days = models.PositiveIntegerField(_("kept (days)"), null=True, blank=True)
    retention_source = models.CharField(_("source of retention"), max_length=200, blank=True)
    valid_months = models.PositiveSmallIntegerField(_("consent is valid (months)"), null=True, blank=True)
    review_months = models.PositiveSmallIntegerField(_("review after (months)"), null=True, blank=True)

    class Meta:
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["administration", "code", "valid_from"], name="purpose_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def published(self) -> "ConsentText | None":
        """The text that is asked with now."""
        return self.texts.published().first()


class PurposeCategory(models.Model):
    purpose = models.ForeignKey(Purpose, models.CASCADE, related_name="categories")
    category = models.CharField(_("category"), max_length=20, choices=Category)

    class Meta:
        verbose_name = _("data category")
        verbose_name_plural = _("data categories")
        ordering = ["category"]
        constraints = [models.UniqueConstraint(fields=["purpose", "category"], name="purpose_category_once")]

    def __str__(self) -> str:
        return str(self.get_category_display())


class RecipientRole(models.TextChoices):
    OWN_CONTROLLER = "own_controller", _("Own controller")
    PROCESSOR = "processor", _("Processor")


class Recipient(models.Model):
    """Who gets to see what the purpose covers: a unit, another administration, or a partner outside."""

    purpose = models.ForeignKey(Purpose, models.CASCADE, related_name="recipients")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    administration = models.ForeignKey(
        Administration, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("administration")
    )
    partner = models.CharField(_("partner"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=RecipientRole, default=RecipientRole.OWN_CONTROLLER)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, administration__isnull=True, partner="")
                | Q(unit__isnull=True, administration__isnull=False, partner="")
                | (Q(unit__isnull=True, administration__isnull=True) & ~Q(partner="")),
                name="recipient_is_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.unit or self.administration or self.partner)


# --- Texts -------------------------------------------------------------------------------------------------------


class TextState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("Waits for review")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Replaced")


class ConsentText(models.Model):
    """One version of the text about a purpose. `processing_no` counts changes in what is done: consents to the old one
    lapse on `earlier_lapse_on`. `wording_no` counts new words for the same thing: nothing lapses."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="texts", verbose_name=_("purpose"))
    processing_no = models.PositiveIntegerField(_("processing version"), default=1)
    wording_no = models.PositiveIntegerField(_("wording version"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=TextState, default=TextState.DRAFT)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("author"))
    reviewer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewer")
    )
    hard_words_accepted = models.CharField(
        _("why a harder text is needed"), max_length=300, blank=True, help_text=_("Needed when LIX is over 45.")
    )
    pictures = models.JSONField(_("drawings"), default=list, blank=True)
    picture_digests = models.JSONField(default=dict, editable=False)
    earlier_lapse_on = models.DateField(
        _("earlier consents lapse on"),
        null=True,
        blank=True,
        help_text=_("The last day of consents to the earlier processing."),
    )
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = TextQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["purpose__name", "-processing_no", "-wording_no"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "processing_no", "wording_no"], name="text_version_once"),
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(state=TextState.PUBLISHED), name="text_published_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=TextState.PUBLISHED)
                | (Q(reviewer__isnull=False, published_at__isnull=False) & ~Q(digest="")),
                name="text_published_is_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | Q(author__isnull=True) | ~Q(reviewer=F("author")),
                name="text_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"

    @property
    def version(self) -> str:
        return f"{self.processing_no}.{self.wording_no}"


TEXT_FIELDS = (
    "title",
    "question",
    "what",
    "why",
    "who_sees",
    "how_long",
    "if_no",
    "change_mind",
    "check_question",
    "check_right",
    "check_wrong_1",
    "check_wrong_2",
    "check_explain",
)
"""All that is shown of a translation, and all that its digest covers, in order."""


class Translation(models.Model):
    """The text in one language, as it is or easier still. `sample` marks a machine's translation that nobody has
    approved: it may be looked at, never answered."""

    text = models.ForeignKey(ConsentText, models.CASCADE, related_name="translations", verbose_name=_("text"))
    language = models.CharField(_("language"), max_length=10)
    variant = models.CharField(_("variant"), max_length=10, choices=Variant, default=Variant.STANDARD)
    sample = models.BooleanField(_("unapproved sample"), default=False)
    title = models.CharField(_("title"), max_length=120)
    question = models.CharField(_("the question"), max_length=300)
    what = models.TextField(_("what happens"))
    why = models.TextField(_("why"))
    who_sees = models.TextField(_("who sees it"))
    how_long = models.TextField(_("how long it is kept"))
    if_no = models.TextField(_("if you say no"))
    change_mind = models.TextField(_("how to change your mind"))
    check_question = models.CharField(_("check question"), max_length=300)
    check_right = models.CharField(_("right answer"), max_length=300)
    check_wrong_1 = models.CharField(_("wrong answer"), max_length=300)
    check_wrong_2 = models.CharField(_("another wrong answer"), max_length=300)
    check_explain = models.TextField(_("explained again"))

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        ordering = ["language", "variant"]
        constraints = [
            models.UniqueConstraint(fields=["text", "language", "variant"], name="translation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.text} {self.language} {self.get_variant_display()}"

    @property
    def shown(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in TEXT_FIELDS}


class StoredPicture(models.Model):
    """A drawing as it was when a text was published, kept for the proof. Addressed by its own SHA-256."""

    digest = models.CharField(primary_key=True, max_length=64)
    code = models.CharField(max_length=60)
    svg = models.TextField()

    class Meta:
        verbose_name = _("drawing")
        verbose_name_plural = _("drawings")

    def __str__(self) -> str:
        return self.code


class Speech(models.Model):
    """A text read aloud. `text_digest` is the translation's; the newest row is the one that is played, a human voice
    replaces the machine's, and older ones stay for the proof."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    text_digest = models.CharField(max_length=64, db_index=True)
    language = models.CharField(_("language"), max_length=10)
    digest = models.CharField(max_length=64)
    voice = models.CharField(_("voice"), max_length=100)
    human = models.BooleanField(_("a human voice"), default=False)
    mime = models.CharField(max_length=40, default="audio/mpeg")
    audio = models.BinaryField()
    made_at = models.DateTimeField(_("made"), default=clock.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("read-aloud sound")
        verbose_name_plural = _("read-aloud sounds")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.language} {self.voice}"


# --- Asking and answering ----------------------------------------------------------------------------------------


def _once(name: str, states: Q) -> list[models.UniqueConstraint]:
    """At most one such row a person and purpose; two constraints, since NULLs differ from each other."""
    own = Q(cohabitant__isnull=True)
    return [
        models.UniqueConstraint(fields=["resident", "purpose"], condition=states & own, name=f"consent_{name}_once"),
        models.UniqueConstraint(
            fields=["cohabitant", "purpose", "resident"],
            condition=states & ~own,
            name=f"consent_{name}_once_cohabitant",
        ),
    ]


class Consent(models.Model):
    """One question put to one person about one purpose, and what has become of it.

    `resident` is whose case it is; `cohabitant` is who was asked, when that is somebody who lives in the home. A
    consent that is given is a lawful ground from `given_at` until `valid_until` or `ended_at`, whichever comes first.
    The row is the present state; `Decision` and `ConsentEvent` are what happened, and are only ever added to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="consents", verbose_name=_("resident"))
    cohabitant = models.ForeignKey(
        Cohabitant, models.PROTECT, null=True, blank=True, related_name="consents", verbose_name=_("cohabitant")
    )
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="consents", verbose_name=_("purpose"))
    text = models.ForeignKey(
        ConsentText, models.PROTECT, null=True, blank=True, related_name="consents", verbose_name=_("text")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=clock.now)
    served_language = models.CharField(_("language"), max_length=10, blank=True)
    served_variant = models.CharField(_("variant"), max_length=10, choices=Variant, blank=True)
    served_digest = models.CharField(max_length=64, blank=True)
    served_at = models.DateTimeField(_("shown"), null=True, blank=True)
    draft = models.CharField(_("answer on its way"), max_length=10, choices=Answer, blank=True)
    understanding = models.CharField(
        _("understanding"), max_length=12, choices=Understanding, default=Understanding.NOT_CHECKED, blank=True
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    until_verb = models.CharField(_("then it will"), max_length=10, default="expire", editable=False)
    review_on = models.DateField(_("review"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["purpose__name", "-asked_at"]
        indexes = [
            models.Index(fields=["resident", "purpose", "state"], name="consent_of_resident"),
            models.Index(fields=["valid_until"], condition=Q(state=State.GIVEN), name="consent_given_until"),
        ]
        constraints = [
            *_once("open", Q(state__in=OPEN)),
            *_once("given", Q(state=State.GIVEN)),
            models.CheckConstraint(
                condition=~Q(state=State.GIVEN) | Q(given_at__isnull=False, ended_at__isnull=True),
                name="consent_given_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.ENDED, State.EXPIRED, State.LAPSED, State.REPLACED, State.ANNULLED])
                | Q(ended_at__isnull=False),
                name="consent_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.get_state_display()}"

    @property
    def giver_id(self) -> uuid.UUID:
        """Who is asked, as the gate knows them."""
        return giver_of(self.resident_id, self.cohabitant_id)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def lawful_at(self, moment: datetime) -> bool:
        """Was (or is) it a lawful ground at that moment?"""
        ends = min(filter(None, (self.valid_until, self.ended_at)), default=None)
        begun = self.given_at is not None and self.given_at <= moment
        return self.state != State.ANNULLED and begun and (ends is None or moment < ends)


_COHABITANTS = uuid.UUID("6f1d6c0e-3f5c-4a0e-9a1f-6b8a6d2f7c11")


def giver_of(resident: uuid.UUID, cohabitant: int | None) -> uuid.UUID:
    """One kind of id for everybody who can be asked: the resident's own, or one made from the cohabitant's."""
    return resident if cohabitant is None else uuid.uuid5(_COHABITANTS, str(cohabitant))


class Decision(models.Model):
    """One person's answer. A consent that two guardians give has two. Only ever added to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="decisions", verbose_name=_("consent"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    at = models.DateTimeField(_("time"), default=clock.now)
    given_by = models.CharField(_("given by"), max_length=15, choices=GivenBy)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("account"))
    representative = models.ForeignKey(
        Representative, models.PROTECT, null=True, related_name="decisions", verbose_name=_("representative")
    )
    mandate = models.JSONField(_("mandate at the time"), default=dict)
    resident_view = models.CharField(_("the resident's own view"), max_length=12, choices=ResidentView, blank=True)
    resident_view_note = models.CharField(_("note"), max_length=500, blank=True)
    understanding = models.CharField(_("understanding"), max_length=12, choices=Understanding, blank=True)
    how = models.CharField(_("how"), max_length=12, choices=How)
    helped_by = models.CharField(_("helped by"), max_length=200, blank=True)
    interpreter = models.CharField(_("interpreter"), max_length=200, blank=True)
    aids = models.CharField(_("aids"), max_length=200, blank=True)
    presence = models.CharField(_("who was there"), max_length=200, blank=True)
    witness = models.CharField(_("witness"), max_length=200, blank=True)
    registered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("registered by")
    )
    registered_at = models.DateTimeField(_("registered"), default=clock.now)
    scan_digest = models.CharField(max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    variant = models.CharField(_("variant"), max_length=10, blank=True)
    text_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.get_answer_display()} {self.at:%Y-%m-%d %H:%M}"


class EventKind(models.TextChoices):
    ASKED = "consent.asked", _("Asked")
    SERVED = "consent.served", _("The text was shown")
    CHECKED = "consent.checked", _("Understanding was checked")
    ANSWERED = "consent.answered", _("Answered")
    GIVEN = "consent.given", _("Given")
    REFUSED = "consent.refused", _("Refused")
    ENDED = "consent.ended", _("Ended")
    EXPIRED = "consent.expired", _("Expired")
    LAPSED = "consent.lapsed", _("Lapsed")
    REPLACED = "consent.replaced", _("Replaced")
    ANNULLED = "consent.annulled", _("Annulled")
    LIMITED = "consent.limited", _("Got an earlier last day")
    PAPER_PRINTED = "paper.printed", _("A paper form was printed")
    PAPER_SCANNED = "paper.scanned", _("A signed form was uploaded")
    TEXT_PUBLISHED = "text.published", _("A text was published")
    SPEECH_ADDED = "speech.added", _("A voice was added")
    RELATIVE_LET_IN = "relative.let_in", _("A relative was let in")
    RELATIVE_CHANGED = "relative.changed", _("What a relative may see was changed")
    RELATIVE_ENDED = "relative.ended", _("A relative's view was ended")
    EMERGENCY_BEGUN = "emergency.begun", _("An emergency was declared")
    EMERGENCY_ENDED = "emergency.ended", _("An emergency was ended")


class ConsentEvent(models.Model):
    """What happened: served, answered, ended. Only ever added to, each linked to the one before (`consents.proof`).

    The chain covers `digest`, a salted hash of `content`, so that names can be erased one day and the chain still
    holds. `resident` is a pseudonym, not a foreign key: the proof outlives the person's record.
    """

    sequence = models.BigIntegerField(primary_key=True)
    kind = models.CharField(_("event"), max_length=30, choices=EventKind)
    at = models.DateTimeField(_("time"))
    resident = models.UUIDField(_("resident"), null=True, db_index=True)
    subject = models.UUIDField(_("about"), null=True, db_index=True)
    by = models.UUIDField(_("by"), null=True)
    content = models.JSONField(_("content"), default=dict)
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    link = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M:%S}"


class PaperForm(models.Model):
    """A printed form, known by the code in its QR symbol, and the signed scan of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("code"), max_length=16, unique=True)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="paper_forms", verbose_name=_("consent"))
    language = models.CharField(_("language"), max_length=10)
    variant = models.CharField(_("variant"), max_length=10, choices=Variant)
    text_digest = models.CharField(max_length=64)
    printed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("printed by"))
    printed_at = models.DateTimeField(_("printed"), default=clock.now)
    scan = models.FileField(_("signed scan"), storage=private_storage, upload_to="consents/%Y/", blank=True)
    scan_digest = models.CharField(max_length=64, blank=True)
    scanned_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("uploaded by")
    )
    scanned_at = models.DateTimeField(_("uploaded"), null=True, blank=True)

    class Meta:
        verbose_name = _("paper form")
        verbose_name_plural = _("paper forms")
        ordering = ["-printed_at"]

    def __str__(self) -> str:
        return self.code


class AssistedSession(models.Model):
    """A tablet in the resident's hands. The staff member has been signed out; the session opens nothing but the
    questions to this person, and ends by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("handed over by"))
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="+", verbose_name=_("resident"))
    cohabitant = models.ForeignKey(
        Cohabitant, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cohabitant")
    )
    presence = models.CharField(_("who is there"), max_length=200, blank=True)
    helped_by = models.CharField(_("who helps"), max_length=200, blank=True)
    aids = models.CharField(_("aids"), max_length=200, blank=True)
    interpreter = models.CharField(_("interpreter"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=10, default="sv")
    started_at = models.DateTimeField(_("started"), default=clock.now)
    expires_at = models.DateTimeField(_("ends by itself"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("assisted session")
        verbose_name_plural = _("assisted sessions")
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class EmergencyGround(models.Model):
    """Data may flow for a short while without consent, to save somebody who can't answer (GDPR 6.1 d, 9.2 c). Never a
    consent; typed reason, limited in time, looked at afterwards by somebody else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="emergencies", verbose_name=_("resident"))
    reason = models.TextField(_("reason"))
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("declared by"))
    started_at = models.DateTimeField(_("from"), default=clock.now)
    ends_at = models.DateTimeField(_("to"))
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewed by")
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    review_note = models.TextField(_("review"), blank=True)

    class Meta:
        verbose_name = _("emergency")
        verbose_name_plural = _("emergencies")
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("started_at")), name="emergency_times_in_order"),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("started_by")), name="emergency_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident} {self.started_at:%Y-%m-%d %H:%M}"


# --- Relatives ---------------------------------------------------------------------------------------------------


class RelativeView(models.Model):
    """What one relative may see of a resident, category by category, on the resident's own word. Ended is ended in the
    same second; a new row is a new word."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="relative_views", verbose_name=_("resident"))
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="views", verbose_name=_("relative"))
    categories = models.JSONField(_("may see"), default=list)
    let_in_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("let in by"))
    on_word = models.BooleanField(
        _("on the resident's word"), default=False, help_text=_("Registered by staff who heard the resident say it.")
    )
    started_at = models.DateTimeField(_("from"), default=clock.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    muted = models.BooleanField(_("no notices"), default=False)

    objects = RelativeViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("relative's view")
        verbose_name_plural = _("relatives' views")
        ordering = ["contact__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(ended_at__isnull=True), name="relative_view_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact}"

    def clean(self) -> None:
        unknown = set(self.categories) - set(Category.values)
        if unknown:
            raise ValidationError({"categories": _("Unknown category.")})


# --- Work --------------------------------------------------------------------------------------------------------


class TaskKind(models.TextChoices):
    ASK = "ask", _("Ask for consent")
    RENEW = "renew", _("Ask anew")
    WAITING = "waiting", _("Waits for a representative")
    EXPLAIN = "explain", _("Talk with the person first")
    SAFE_COVER = "safe_cover", _("Arrange other safety")
    FETCH_DEVICE = "fetch_device", _("Fetch the device")
    START_DEVICE = "start_device", _("Start the device")
    DECIDE_ERASURE = "decide_erasure", _("Decide whether stored data must be erased")
    REVIEW_EMERGENCY = "review_emergency", _("Review an emergency")


class Task(models.Model):
    """Something that a person in a unit must see to because of a consent. `about` is an opaque id (an assignment's)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=TaskKind)
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="consent_tasks", verbose_name=_("resident"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="consent_tasks", verbose_name=_("unit"))
    consent = models.ForeignKey(
        Consent, models.CASCADE, null=True, blank=True, related_name="tasks", verbose_name=_("consent")
    )
    about = models.UUIDField(null=True, blank=True)
    key = models.CharField(max_length=200, editable=False)
    text = models.CharField(_("what"), max_length=300, blank=True)
    due_on = models.DateField(_("due"))
    created_at = models.DateTimeField(_("created"), default=clock.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("done by")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent task")
        verbose_name_plural = _("consent tasks")
        ordering = ["due_on", "created_at"]
        indexes = [models.Index(fields=["unit", "due_on"], condition=Q(done_at__isnull=True), name="task_open_in_unit")]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(done_at__isnull=True), name="task_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.resident}"
