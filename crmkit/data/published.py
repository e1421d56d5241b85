"""Small published tables, typed in from the works they cite."""

from __future__ import annotations

import pandas as pd

from crmkit.data.package import Column, Package, Table

# Table 1 of the article gives absolute values; here demand falls when price rises, so the sign is minus.
FOOD_ELASTICITY = (
    # category, mean, 95% confidence interval in absolute values, number of estimates
    ("food away from home", 0.81, 0.56, 1.07, 13),
    ("soft drinks", 0.79, 0.33, 1.24, 14),
    ("juice", 0.76, 0.55, 0.98, 14),
    ("beef", 0.75, 0.67, 0.83, 51),
    ("pork", 0.72, 0.66, 0.78, 49),
    ("fruit", 0.70, 0.41, 0.98, 20),
    ("poultry", 0.68, 0.44, 0.92, 23),
    ("dairy", 0.65, 0.46, 0.84, 13),
    ("cereals", 0.60, 0.43, 0.77, 24),
    ("milk", 0.59, 0.40, 0.79, 26),
    ("vegetables", 0.58, 0.44, 0.71, 20),
    ("fish", 0.50, 0.30, 0.69, 18),
    ("fats and oils", 0.48, 0.29, 0.66, 13),
    ("cheese", 0.44, 0.25, 0.63, 20),
    ("sweets and sugars", 0.34, 0.14, 0.53, 13),
    ("eggs", 0.27, 0.08, 0.45, 14),
)

TOASTER = (
    ("variable cost", 10, "dollars per unit"),
    ("fixed cost", 300_000, "dollars"),
    ("expected unit sales", 50_000, "units"),
    ("desired return on sales", 20, "% of sales"),
)

PRICE_POINTS = (("before", 10, 100), ("after", 12, 80))

_ELASTICITY = "% of quantity per % of price"

PACKAGE = Package(
    name="published",
    title="Small published tables",
    description=(
        "Numbers typed in from published works, each with its source, and course examples that say so. "
        "The numbers are facts of the works cited; the licence is that of this arrangement."
    ),
    version="1.0.0",
    licence="MIT",
    simulated=False,
    tables=(
        Table(
            name="food_elasticity",
            title="Mean price elasticity of demand by food category",
            description=(
                "Simple means over studies of demand in the United States, 1938 to 2007: how much of a "
                "category is bought, not which brand."
            ),
            source=(
                "Andreyeva, Long and Brownell (2010), The Impact of Food Prices on Consumption, "
                "American Journal of Public Health 100(2), 216–222, Table 1, sign added"
            ),
            source_url="https://doi.org/10.2105/AJPH.2008.151415",
            citation="andreyeva2010",
            columns=(
                Column("category", "string", "Category", "食品类别", "Food or drink category"),
                Column(
                    "elasticity",
                    "number",
                    "Elasticity",
                    "价格弹性",
                    "Mean of the estimates",
                    unit=_ELASTICITY,
                ),
                Column(
                    "low",
                    "number",
                    "Low",
                    "95%置信区间下限",
                    "Lower end of the 95% confidence interval: the stronger response",
                    unit=_ELASTICITY,
                ),
                Column(
                    "high",
                    "number",
                    "High",
                    "95%置信区间上限",
                    "Upper end of the 95% confidence interval: the weaker response",
                    unit=_ELASTICITY,
                ),
                Column(
                    "estimates", "integer", "Estimates", "估计值个数", "Number of estimates", unit="estimates"
                ),
            ),
        ),
        Table(
            name="toaster",
            title="Mark-up pricing of a toaster",
            description="Costs and expected sales of a toaster manufacturer: a textbook example.",
            source="Kotler and Keller (2016), Marketing Management, 15th ed., mark-up pricing",
            citation="kotler2016",
            columns=(
                Column("item", "string", "Item", "项目", "What the value is"),
                Column("value", "integer", "Value", "数值", "The value", unit="see column unit"),
                Column("unit", "string", "Unit", "单位", "Unit of the value"),
            ),
        ),
        Table(
            name="price_points",
            title="Two points of a demand curve (course example)",
            description="Price and quantity before and after a price rise, for the arc elasticity.",
            source="course example, made up",
            columns=(
                Column("point", "string", "Point", "点", "Before or after the price rise"),
                Column("price", "integer", "Price", "价格", "Price", unit="yuan/unit"),
                Column("quantity", "integer", "Quantity", "数量", "Quantity sold", unit="units"),
            ),
        ),
    ),
)


def tables() -> dict[str, pd.DataFrame]:
    """Return every table of `PACKAGE`, by name."""
    food = [(category, -mean, -strong, -weak, n) for category, mean, weak, strong, n in FOOD_ELASTICITY]
    rows = {"food_elasticity": food, "toaster": TOASTER, "price_points": PRICE_POINTS}
    return {
        table.name: pd.DataFrame(rows[table.name], columns=[column.name for column in table.columns])
        for table in PACKAGE.tables
    }
