from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "tongban.base"
    label = "base"
