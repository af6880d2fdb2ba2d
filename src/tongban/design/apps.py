from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "tongban.design"
    label = "design"
