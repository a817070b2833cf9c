"""Let the database itself refuse to change or delete a record or a run."""

from django.db import migrations

from madang.yard.audit.append_only import forbid_changes

class Migration(migrations.Migration):

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunPython(*forbid_changes("audit_record", key="sequence")),
        migrations.RunPython(*forbid_changes("audit_run")),
    ]
