from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "tongban.kernel.forms"
    label = "forms"
    verbose_name = "Form definitions, rendering, validation, pre-fill"
