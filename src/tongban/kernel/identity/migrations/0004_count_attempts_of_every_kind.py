from django.db import migrations


class Migration(migrations.Migration):
    """Not only signing in is counted: guessing a query code is, too."""

    dependencies = [("identity", "0003_tell_demo_accounts_apart")]

    operations = [migrations.RenameModel("SignInFailures", "Attempts")]
