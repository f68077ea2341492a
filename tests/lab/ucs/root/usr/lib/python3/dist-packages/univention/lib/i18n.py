"""Stand-in for the translations of UCS: gettext(3) with a domain of the caller, in the language of the process.

UMC sets the language of the user in the class before it imports a module, so that texts may be translated at import.
"""
import gettext
from typing import Optional

__all__ = ["Translation"]


class Translation:
    """The texts of a domain: LOCALEDIR/LANGUAGE/LC_MESSAGES/DOMAIN.mo."""

    language = "en"
    localedir = None  # type: Optional[str]

    def __init__(self, namespace: str) -> None:
        self.domain = namespace.replace("/", "-").replace(".", "-")

    def translate(self, message: str) -> str:
        """Returns the text in the language, or as it is where there is no translation."""
        try:
            texts = gettext.translation(self.domain, languages=[Translation.language], localedir=Translation.localedir)
        except OSError:
            return message
        return texts.gettext(message)
