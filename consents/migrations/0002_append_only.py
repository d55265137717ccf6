"""What people have answered, and the chain of events, are only ever added to."""

from django.db import migrations

from safehome.audit.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("consents", "0001_initial")]

    operations = [protect("consents_decision"), protect("consents_consentevent")]
