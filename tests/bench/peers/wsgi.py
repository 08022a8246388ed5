"""What gunicorn loads on the peer's side."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
