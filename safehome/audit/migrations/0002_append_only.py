from django.db import migrations

from safehome.audit.append_only import protect


class Migration(migrations.Migration):
    """Nobody in the product can change or remove what the access log holds."""

    dependencies = [("audit", "0001_initial")]
    operations = [protect("audit_accessentry"), protect("audit_chainlink")]
