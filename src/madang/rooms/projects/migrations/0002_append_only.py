"""Let the database itself refuse to change or delete what was said and decided."""

from django.db import migrations

from madang.yard.audit.append_only import forbid_changes

class Migration(migrations.Migration):

    dependencies = [("projects", "0001_initial")]

    operations = [migrations.RunPython(*forbid_changes(table)) for table in ("projects_pledgeassessment",)]
