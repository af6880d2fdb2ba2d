from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "tongban.apps.voice"
    label = "voice"
    verbose_name = "Letters"
