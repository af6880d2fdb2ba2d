from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "tongban.kernel.identity"
    label = "identity"
    verbose_name = "People, legal entities, units, posts, accounts, policies"
