"""The capstone: a plan for a dairy of one's own, checked against the board's rules."""

from crmkit.capstone.plan import BUDGET, check_plan, units_per_arm

__all__ = ["BUDGET", "check_plan", "units_per_arm"]
