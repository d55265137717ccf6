from django.db import migrations

from safehome.audit.append_only import protect


class Migration(migrations.Migration):
    """The history of an alarm is only ever added to."""

    dependencies = [("alarms", "0003_initial"), ("audit", "0002_append_only")]
    operations = [protect("alarms_alarmevent")]
