from .environment_contract import environment
from .linting import lint
from .pages import dead_links, discoverable, documents, external_links

__all__ = ["dead_links", "discoverable", "documents", "environment", "external_links", "lint"]
