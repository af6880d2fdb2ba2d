from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "tongban.kernel.files"
    label = "files"
    verbose_name = "Attachments, rendering, signing"

    def ready(self) -> None:
        from tongban.base.text import LocalizedText
        from tongban.kernel.ledger.service import register_purpose, register_verb

        register_verb("files.read", LocalizedText("查看材料文件", "Read a file that was handed in"))
        register_verb(
            "files.refuse_infected", LocalizedText("拒收带病毒的文件", "Refused a file with malware in it")
        )
        register_purpose(
            "files.handed_in", LocalizedText("办件时看交来的材料", "Looks at papers handed in for a case")
        )
