from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "tongban.apps.certificates"
    label = "certificates"
    verbose_name = "E-certificates"
