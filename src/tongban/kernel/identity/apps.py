from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "tongban.kernel.identity"
    label = "identity"
    verbose_name = "People, legal entities, units, posts, accounts, policies"
    published_tables = {
        "identity_unit": "",
        "identity_post": "",
        "identity_holding": "",
        "identity_signinruleset": "",
        "identity_factorrule": "",
        "identity_holder": "NEW.kind IN ('unit', 'post', 'duty')",
    }

    def ready(self) -> None:
        from tongban.base.text import LocalizedText
        from tongban.design.navigation import NavEntry, register_account, register_visitor
        from tongban.kernel.identity import packs, words  # noqa: F401 -- packs registers its sections
        from tongban.kernel.identity.queries.people import keys_of_actor
        from tongban.kernel.identity.queries.units import post_names, unit_names
        from tongban.kernel.identity.visitors import describe
        from tongban.kernel.ledger.service import (
            register_actor_keys,
            register_post_names,
            register_unit_names,
        )

        register_unit_names(unit_names)
        register_post_names(post_names)
        register_actor_keys(keys_of_actor)
        register_visitor(describe)
        register_account(
            NavEntry(
                key="account",
                label=LocalizedText("账号和安全", "Account and security"),
                url_name="identity:account",
                icon="lock",
                order=90,
            )
        )
        words.register()
