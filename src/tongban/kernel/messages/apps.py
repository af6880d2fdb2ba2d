from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "tongban.kernel.messages"
    label = "messages"
    verbose_name = "Sending to people"
