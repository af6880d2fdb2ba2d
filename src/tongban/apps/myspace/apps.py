from django.apps import AppConfig


class MyspaceConfig(AppConfig):
    name = "tongban.apps.myspace"
    label = "myspace"
    verbose_name = "The citizen's space"
