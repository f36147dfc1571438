"""django-allauth, as its documentation uses it: its own pages before the provider's and after a refusal."""

import json
import os
import tempfile

import django
from django.conf import settings

PORT = int(os.environ["PORT"])
PROVIDER = {
    "provider_id": "provider",
    "name": "Provider",
    "client_id": os.environ["CLIENT_ID"],
    "secret": os.environ["CLIENT_SECRET"],
    "settings": {"server_url": os.environ["ISSUER"]},
}
settings.configure(
    SECRET_KEY="a test",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["localhost"],
    LOGIN_REDIRECT_URL="/",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(tempfile.mkdtemp(), "application.sqlite3"),
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [PROVIDER]}},
)
django.setup()

from allauth.socialaccount.models import SocialAccount  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.shortcuts import redirect  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils.html import escape  # noqa: E402


def home(request):
    account = SocialAccount.objects.filter(user=request.user.pk).first()
    body = escape(json.dumps({"claims": account.extra_data["userinfo"]} if account else {}))
    return HttpResponse(
        f'<!doctype html><title>Application</title><a id="sign-in" href="/sign-in">Sign in</a><pre id="result">{body}</pre>'
    )


urlpatterns = [
    path("", home),
    path("sign-in", lambda request: redirect("/accounts/oidc/provider/login/")),
    path("accounts/", include("allauth.urls")),
]

if __name__ == "__main__":
    from werkzeug.serving import make_server

    call_command("migrate", verbosity=0)
    server = make_server("localhost", PORT, get_wsgi_application(), threaded=True)
    print("ready", flush=True)
    server.serve_forever()
