from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "tongban.apps.voice"
    label = "voice"
    verbose_name = "Letters"
    published_tables = ("voice_mailbox",)

    def ready(self) -> None:
        """Register the case kind, the operations, verbs, the pack section and the public entries."""
        from tongban.apps.voice import wiring

        wiring.register()
