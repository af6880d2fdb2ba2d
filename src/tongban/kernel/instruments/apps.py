from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    name = "tongban.kernel.instruments"
    label = "instruments"
    verbose_name = "Statutory papers"
