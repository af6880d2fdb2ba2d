from django.contrib.auth.models import AbstractUser


class Account(AbstractUser):
    """Replaced by the identity module's own."""
