from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "tongban.kernel.messages"
    label = "messages"
    verbose_name = "Sending to people"
    published_tables = ("messages_messagetemplate",)

    def ready(self) -> None:
        from tongban.base import editables
        from tongban.base.text import LocalizedText
        from tongban.design.navigation import NavEntry, register_account, register_counts, register_tool
        from tongban.kernel.messages import (
            gauges,
            packs,  # noqa: F401 - registers its section
        )
        from tongban.kernel.messages.editable import MessageEditable
        from tongban.kernel.messages.queries import unread
        from tongban.kernel.messages.words import register_words

        gauges.register()
        editables.register(MessageEditable())
        register_words(
            "email",
            subject=LocalizedText("{subject}", "{subject}"),
            body=LocalizedText("{body}\n\n查看：{link}", "{subject}\n\n{body}\n\nOpen: {link}"),
        )

        entry = NavEntry(
            key="messages",
            label=LocalizedText("消息", "Messages"),
            url_name="messages:list",
            order=20,
            icon="bell",
            visible=lambda actor: actor.person_id is not None,
        )
        register_tool(entry)
        register_account(entry)
        register_counts("messages", lambda actor: {"messages": unread(actor)})
