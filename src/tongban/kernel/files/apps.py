from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "tongban.kernel.files"
    label = "files"
    verbose_name = "Attachments, rendering, signing"
