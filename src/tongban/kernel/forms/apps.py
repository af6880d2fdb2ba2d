from django.apps import AppConfig

from tongban.base.text import LocalizedText


class FormsConfig(AppConfig):
    name = "tongban.kernel.forms"
    label = "forms"
    verbose_name = "Form definitions, rendering, validation, pre-fill"
    published_tables = ("forms_formdef",)

    def ready(self) -> None:
        """Register the verb, the pack section and the options that identity knows."""
        from tongban.base import editables
        from tongban.kernel.forms import packs, standard_options  # noqa: F401 - packs registers its section
        from tongban.kernel.forms.editable import FormEditable
        from tongban.kernel.forms.options import register_options
        from tongban.kernel.ledger.service import register_verb

        editables.register(FormEditable())
        register_verb("forms.publish", LocalizedText("发布表单", "Published a form"))
        register_options("identity.entities", standard_options.entities)
        register_options("identity.units", standard_options.units)
