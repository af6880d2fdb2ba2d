from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "tongban.kernel.registers"
    label = "registers"
    verbose_name = "Registers and their records"
