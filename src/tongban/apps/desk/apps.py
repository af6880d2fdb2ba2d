from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "tongban.apps.desk"
    label = "desk"
    verbose_name = "The official's workbench"
