"""Django, django-tenants and Django REST framework; only the database comes from outside."""

import os

SECRET_KEY = "of the bench only"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django_tenants.postgresql_backend",
        "HOST": os.environ["BENCH_SOCKET"],
        "NAME": os.environ["BENCH_DATABASE"],
        "USER": "postgres",
        "CONN_MAX_AGE": 600,
    }
}
DATABASE_ROUTERS = ("django_tenants.routers.TenantSyncRouter",)
SHARED_APPS = (
    "django_tenants",
    "tests.bench.peers.tenancy",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "rest_framework.authtoken",
)
TENANT_APPS = ("tests.bench.peers.store",)
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
MIGRATION_MODULES = {"store": "made_store", "tenancy": "made_tenancy"}
TENANT_MODEL = "tenancy.Client"
TENANT_DOMAIN_MODEL = "tenancy.Domain"
TENANT_MULTIPROCESSING_MAX_PROCESSES = 2
TENANT_MULTIPROCESSING_CHUNKS = 2
MIDDLEWARE = [
    "django_tenants.middleware.main.TenantMainMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "tests.bench.peers.urls"
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
LOGGING_CONFIG = None
