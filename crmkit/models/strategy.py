"""CRM strategy: where growth comes from, and what to spend on winning and on keeping customers.

Rates are fractions throughout: 20% is 0.20. Money is in one currency of the caller's choice; margins,
spending and the discount rate are for the same period.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

# --- The four fields of the growth matrix ------------------------------------------------------------

FIELDS = ("loyalty", "extension", "acquisition", "diversification")
"""Existing customers with existing and with new products, new customers with existing and with new ones."""


@dataclass(frozen=True)
class Growth:
    """Revenue of two periods and how its change divides over the fields of the growth matrix. Money.

    Parameters
    ----------
    before, after : revenue of the first and of the second period.
    lost : what the customers who were gone in the second period had brought in the first.
    stayed : change of what the other customers of the first period spend on its products.
    extension : what these spend on new products.
    acquisition, diversification : what new customers spend on existing and on new products.
    """

    before: float
    after: float
    lost: float
    stayed: float
    extension: float
    acquisition: float
    diversification: float

    @property
    def loyalty(self) -> float:
        """Change of existing customers' spending on existing products: stayed − lost."""
        return self.stayed - self.lost

    @property
    def total(self) -> float:
        """ΔR = loyalty + extension + acquisition + diversification = after − before."""
        return self.loyalty + self.extension + self.acquisition + self.diversification

    @property
    def fields(self) -> pd.Series:
        """The four fields by name, in the order of `FIELDS`."""
        return pd.Series({field: getattr(self, field) for field in FIELDS})


def decompose_growth(before: pd.DataFrame, after: pd.DataFrame) -> Growth:
    """Return the change of revenue from one period to another by customer and product, existing and new.

    Existing customers are those who bought in the first period, existing products those that were bought
    in it. A field says where revenue was booked, not what caused it: a new product may take its revenue
    from an existing one.

    Parameters
    ----------
    before, after : the sales of each period, with the columns `customer`, `product` and `revenue`
        (money, 0 or more), one row a sale.

    Returns
    -------
    The fields, which add up to the change.

    Raises
    ------
    ValueError : a column is missing, the first period has no sales, or a revenue is negative or no number.

    Source: ansoff1957 for the matrix of products and markets; customers in place of markets is the
    course's reading.
    """
    for name, sales in (("before", before), ("after", after)):
        missing = {"customer", "product", "revenue"} - set(sales.columns)
        if missing:
            raise ValueError(f"{name} needs the columns customer, product and revenue; add {sorted(missing)}")
        if not (sales["revenue"] >= 0).all() or not np.isfinite(sales["revenue"]).all():
            raise ValueError(f"{name} has revenue that is negative or no number; leave such rows out")
    if before.empty:
        raise ValueError("before has no sales, so everybody would be new; choose a period with sales")
    existing = after["customer"].isin(before["customer"])
    known = after["product"].isin(before["product"])
    stays = before["customer"].isin(after["customer"])

    def booked(customers: pd.Series, products: pd.Series) -> float:
        return float(after.loc[customers & products, "revenue"].sum())

    return Growth(
        before=float(before["revenue"].sum()),
        after=float(after["revenue"].sum()),
        lost=float(before.loc[~stays, "revenue"].sum()),
        stayed=booked(existing, known) - float(before.loc[stays, "revenue"].sum()),
        extension=booked(existing, ~known),
        acquisition=booked(~existing, known),
        diversification=booked(~existing, ~known),
    )


# --- What to spend on winning and on keeping ---------------------------------------------------------


@dataclass(frozen=True)
class ResponseCurve:
    """A rate that rises with spending towards a ceiling: f + (c − f)(1 − e^(−kA)).

    blattberg1996 draw it from nothing; a floor above 0 is a common extension, for customers of whom some
    come or stay unasked.

    Parameters
    ----------
    ceiling : the rate c that no spending exceeds, above the floor and at most 1.
    slope : k, per unit of money, above 0: how fast spending brings the rate to its ceiling.
    floor : the rate f without spending, 0 or more.

    Raises
    ------
    ValueError : a rate or slope out of range.

    Source: blattberg1996.
    """

    ceiling: float
    slope: float
    floor: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.floor < self.ceiling <= 1:
            raise ValueError(
                f"rates need 0 ≤ floor < ceiling ≤ 1, got floor {self.floor} and ceiling {self.ceiling}"
            )
        if not 0 < self.slope < math.inf:
            raise ValueError(f"slope must be above 0 and finite, got {self.slope}")

    @classmethod
    def through(cls, spend: float, rate: float, ceiling: float, floor: float = 0.0) -> ResponseCurve:
        """Return the curve that a manager's answers describe: k = −ln[(c − rate)/(c − f)] / spend.

        Parameters
        ----------
        spend : what is spent now on each customer or prospect, above 0.
        rate : the rate that this brings, between floor and ceiling.
        ceiling : the rate that unlimited spending would bring.
        floor : the rate without any spending.

        Raises
        ------
        ValueError : the spending is not positive, or the rate not between floor and ceiling.
        """
        if not 0 < spend < math.inf:
            raise ValueError(
                f"spend must be above 0, got {spend}; without spending there is no slope to find"
            )
        if not floor < rate < ceiling:
            raise ValueError(f"the rate must lie between floor {floor} and ceiling {ceiling}, got {rate}")
        return cls(ceiling, -math.log((ceiling - rate) / (ceiling - floor)) / spend, floor)

    def rate(self, spend: ArrayLike) -> NDArray[np.float64]:
        """Return the rate at some spending for each customer or prospect, a number or an array, 0 or more."""
        money = np.asarray(spend, dtype=float)
        if not (money >= 0).all():
            raise ValueError(f"spending must be 0 or more, got {money}")
        return np.asarray(self.floor - (self.ceiling - self.floor) * np.expm1(-self.slope * money))

    def best_spend(self, value: float) -> float:
        """Return the spending A* that maximises rate · value − A: ln[k (c − f) m] / k, at least 0.

        Parameters
        ----------
        value : money that each response is worth, 0 or more.
        """
        if not 0 <= value < math.inf:
            raise ValueError(f"value must be 0 or more, got {value}")
        first_yuan = self.slope * (self.ceiling - self.floor) * value  # what the first unit of money brings
        return math.log(first_yuan) / self.slope if first_yuan > 1 else 0.0


def value_after_first(curve: ResponseCurve, spend: float, margin: float, discount: float) -> float:
    """Return what a customer is worth after the first period: (m r − R) / (1 + d − r).

    It is Blattberg and Deighton's (m − R/r) · r′/(1 − r′) with r′ = r/(1 + d): in each period R is spent
    on each customer who is there, the share r stays, and only those who stay bring the margin.

    Parameters
    ----------
    curve : retention at a spending.
    spend : R, money per customer and period, 0 or more.
    margin : m, money per customer and period, before R.
    discount : d per period, 0 or more, and above 0 if everybody stays.

    Returns
    -------
    Money; negative where keeping costs more than it brings.

    Raises
    ------
    ValueError : negative spending or discount, or no discount where everybody stays.

    Source: blattberg1996.
    """
    rate = float(curve.rate(spend))
    if not 0 <= discount < math.inf or discount + 1 <= rate:
        raise ValueError(f"discount must be 0 or more, and above 0 if everybody stays, got {discount}")
    return (margin * rate - spend) / (1 + discount - rate)


@dataclass(frozen=True)
class Allocation:
    """Spending on prospects and on customers, and the customer equity that it brings. Money a prospect.

    Parameters
    ----------
    acquisition_spend, retention_spend : A per prospect, R per customer and period.
    acquisition_rate, retention_rate : what they bring.
    customer_value : what a customer who has just been won is worth, the first margin included.
    equity : customer equity per prospect, a · value − A.
    """

    acquisition_spend: float
    retention_spend: float
    acquisition_rate: float
    retention_rate: float
    customer_value: float
    equity: float


def customer_equity(
    acquisition: ResponseCurve,
    retention: ResponseCurve,
    *,
    acquisition_spend: float,
    retention_spend: float,
    margin: float,
    discount: float,
) -> Allocation:
    """Return the customer equity per prospect: a m − A + a (m − R/r) · r′/(1 − r′), with r′ = r/(1 + d).

    Parameters
    ----------
    acquisition, retention : the rates that spending brings.
    acquisition_spend : A, money per prospect, 0 or more.
    retention_spend : R, money per customer and period, 0 or more.
    margin : m, money per customer and period; the first comes at once.
    discount : d per period.

    Raises
    ------
    ValueError : as in `value_after_first`, or negative spending.

    Source: blattberg1996.
    """
    value = margin + value_after_first(retention, retention_spend, margin, discount)
    won = float(acquisition.rate(acquisition_spend))
    return Allocation(
        acquisition_spend=acquisition_spend,
        retention_spend=retention_spend,
        acquisition_rate=won,
        retention_rate=float(retention.rate(retention_spend)),
        customer_value=value,
        equity=won * value - acquisition_spend,
    )


def best_allocation(
    acquisition: ResponseCurve, retention: ResponseCurve, *, margin: float, discount: float
) -> Allocation:
    """Return the spending of highest customer equity: first the best R, then the best A for that value.

    What is best to keep a customer does not depend on what it cost to win one; what may be spent on winning
    depends on how customers are kept.

    Parameters
    ----------
    acquisition, retention : the rates that spending brings.
    margin : m, money per customer and period, 0 or more.
    discount : d per period, above 0 if everybody could be kept.

    Raises
    ------
    ValueError : a negative margin, or rates as in `value_after_first`.

    Source: blattberg1996.
    """
    if not 0 <= margin < math.inf:
        raise ValueError(f"margin must be 0 or more, got {margin}")

    def loss(spend: float) -> float:
        return -value_after_first(retention, spend, margin, discount)

    # Beyond the margin, keeping costs more than it brings; the value rises to one peak, so look where.
    candidates = [0.0, margin]
    if margin > 0:
        grid = np.linspace(0, margin, 201)
        peak = int(np.argmin([loss(float(spend)) for spend in grid]))
        bounds = (float(grid[max(peak - 1, 0)]), float(grid[min(peak + 1, 200)]))
        found = optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-9})
        candidates.append(float(found.x))
    keep = min(candidates, key=loss)
    value = margin + value_after_first(retention, keep, margin, discount)
    return customer_equity(
        acquisition,
        retention,
        acquisition_spend=acquisition.best_spend(max(value, 0.0)),
        retention_spend=keep,
        margin=margin,
        discount=discount,
    )
