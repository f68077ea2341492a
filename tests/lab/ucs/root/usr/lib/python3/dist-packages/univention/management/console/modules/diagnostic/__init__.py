"""Stand-in for the system diagnostics of UMC: what a plugin may raise, and how UMC runs one.

A plugin is a file of the folder plugins with title, description, buttons, actions and run. Every call gets the instance of
UMC. What is raised is shown: its description, and what else it was given in place of the attributes of the plugin.
"""
import importlib
import traceback
from typing import Any, Dict, Optional

__all__ = ["Conflict", "Critical", "Plugin", "Problem", "ProblemFixed", "Success", "Warning", "main"]


class Problem(Exception):
    """What a plugin has found."""

    def __init__(self, description: str = "", **kwargs: Any) -> None:
        super().__init__(description)
        self.kwargs = dict(kwargs, type=type(self).__name__.lower())
        if description:
            self.kwargs["description"] = description


class Success(Problem):
    """All is well."""


class Conflict(Problem):
    """Several things do not go together."""


class Warning(Problem):
    """Something needs a look."""


class Critical(Problem):
    """Something is broken."""


class ProblemFixed(Problem):
    """An action has mended it."""


class Plugin:
    """A plugin, as UMC runs it."""

    def __init__(self, name: str) -> None:
        self.module = importlib.import_module("univention.management.console.modules.diagnostic.plugins." + name)

    def execute(self, action: Optional[str] = None) -> Dict[str, Any]:
        """Runs an action, or the check itself, and returns what UMC shows."""
        shown = {"success": True, "type": "success"}  # type: Dict[str, Any]
        for name in ("title", "description", "buttons"):
            shown[name] = getattr(self.module, name, "")
        shown["buttons"] = list(shown["buttons"])  # of the plugin
        try:
            getattr(self.module, "actions", {}).get(action, self.module.run)(None)
        except Problem as problem:
            shown.update(problem.kwargs, success=False)
        except Exception:  # as UMC does
            shown.update(Problem(traceback.format_exc()).kwargs, success=False)
        shown["buttons"].insert(0, {"label": "Test again"})
        return shown


def main() -> None:
    """A plugin calls it when it is started as a program."""
