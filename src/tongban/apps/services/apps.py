from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "tongban.apps.services"
    label = "services"
    verbose_name = "Service items and applications"
