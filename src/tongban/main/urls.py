"""All addresses: each module owns its own, this file only says where they hang."""

from django.urls import include, path

from tongban.main.api import api
from tongban.main.contact import security_txt

handler400 = "tongban.main.problems.bad_request"
handler404 = "tongban.main.problems.not_found"
handler500 = "tongban.main.problems.server_error"

urlpatterns = [
    path("api/v1/", api.urls),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path("", include("tongban.design.urls")),
    path("", include("tongban.kernel.ledger.urls")),
    path("", include("tongban.kernel.identity.urls")),
    path("", include("tongban.kernel.calendars.urls")),
    path("", include("tongban.kernel.decisions.urls")),
    path("", include("tongban.kernel.files.urls")),
    path("", include("tongban.kernel.instruments.urls")),
    path("", include("tongban.kernel.messages.urls")),
    path("", include("tongban.kernel.cases.urls")),
    path("", include("tongban.apps.ops.urls")),
    path("", include("tongban.apps.studio.urls")),
    path("", include("tongban.apps.audit.urls")),
    path("", include("tongban.apps.admin.urls")),
    path("", include("tongban.apps.docking.urls")),
    path("", include("tongban.apps.federation.urls")),
    path("", include("tongban.apps.hall.urls")),
    path("", include("tongban.apps.services.urls")),
    path("", include("tongban.apps.certificates.urls")),
    path("", include("tongban.apps.fees.urls")),
    path("", include("tongban.apps.voice.urls")),
    path("", include("tongban.apps.oversight.urls")),
    path("", include("tongban.apps.figures.urls")),
    path("", include("tongban.apps.desk.urls")),
    path("", include("tongban.apps.myspace.urls")),
    path("", include("tongban.apps.vault.urls")),
    path("", include("tongban.apps.portal.urls")),
]
