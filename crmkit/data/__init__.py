"""The course's tables, by name: `load("hailang.price_panel")`."""

from crmkit.data.catalogue import Catalogue, UnknownTableError, load
from crmkit.data.package import DataFileError, NotInstalledError

__all__ = ["Catalogue", "DataFileError", "NotInstalledError", "UnknownTableError", "load"]
