"""Letters: one PDF each in the print folder (`letters/` in the data folder), from where somebody prints, posts and
removes them."""

from django.conf import settings

from safehome.outbox.channels import Letter, put_in_folder, written
from safehome.outbox.models import Delivery


def send(delivery: Delivery) -> None:
    """Return once the letter lies in the folder."""
    letter = written(delivery, Letter)
    put_in_folder(settings.SAFEHOME_DATA_DIR / "letters", f"{delivery.key}.pdf", letter.pdf)
