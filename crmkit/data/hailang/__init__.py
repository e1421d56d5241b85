"""The Hailang dairy, simulated: what is planted in the data, and the data."""

from crmkit.data.hailang.dictionary import PACKAGE
from crmkit.data.hailang.experiments import charm_test, price_panel
from crmkit.data.hailang.tables import tables
from crmkit.data.hailang.truth import SEED, STREAMS, TRUTH, Tier

__all__ = ["PACKAGE", "SEED", "STREAMS", "TRUTH", "Tier", "charm_test", "price_panel", "tables"]
