from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "tongban.apps.ops"
    label = "ops"
    verbose_name = "Health and operations"
