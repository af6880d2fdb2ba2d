"""The WSGI entry point that granian serves, as the application's database role."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
os.environ.setdefault("TONGBAN_DATABASE_ROLE", "app")
application = get_wsgi_application()
