"""The way in."""

from typing import Any

from allauth.account.views import LoginView
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.views import ConnectionsView as AllauthConnectionsView

from madang.yard.people.selectors import demo_on


class SignInView(LoginView):  # type: ignore[misc]  # allauth ships no types
    """Sign in with a password, or through the identity provider where one is configured."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401  # Django's signature
        """Add the providers, and whether roles can be tried without an account."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        providers = get_adapter().list_providers(self.request)
        context["providers"] = [
            {"name": provider.name, "url": provider.get_login_url(self.request)} for provider in providers
        ]
        context["demo"] = demo_on()
        context["next"] = context.get("redirect_field_value") or ""
        return context


class ConnectionsView(AllauthConnectionsView):  # type: ignore[misc]
    """Connect an outside identity to the account, or disconnect it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
        """Add the providers that can be connected."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        providers = get_adapter().list_providers(self.request)
        context["providers"] = [
            {"name": provider.name, "url": provider.get_login_url(self.request, process="connect")}
            for provider in providers
        ]
        return context
