from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "tongban.apps.services"
    label = "services"
    verbose_name = "Service items and applications"
    published_tables = ("services_item", "services_itemversion")

    def ready(self) -> None:
        """Register the case kind, the operations that processes name, verbs, search, navigation and the pack section."""
        from tongban.apps.services import wiring
        from tongban.apps.services.editable import ItemEditable
        from tongban.base import editables

        wiring.register()
        editables.register(ItemEditable())
