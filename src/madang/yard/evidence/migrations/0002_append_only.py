"""Let the database itself refuse to change or delete what was observed, moved, filed or published."""

from django.db import migrations

from madang.yard.audit.append_only import forbid_changes


class Migration(migrations.Migration):

    dependencies = [("evidence", "0001_initial")]

    operations = [
        migrations.RunPython(*forbid_changes(table))
        for table in (
            "evidence_observation",
            "evidence_withholding",
            "evidence_signalmove",
            "evidence_document",
            "evidence_publication",
        )
    ]
