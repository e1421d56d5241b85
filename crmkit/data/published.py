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

# Table 1 of the article: % of the customers of year 0 who are left after 0, 1, … 12 years.
RETENTION = {
    "High End": (100.0, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4),
    "Regular": (100.0, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3),
}

# Pairs of patients in the order of the trial: weeks under placebo, of whom all relapsed, weeks under 6-MP,
# and whether that patient relapsed.
REMISSION = (
    *((1, 10, 1), (22, 7, 1), (3, 32, 0), (12, 23, 1), (8, 22, 1), (17, 6, 1), (2, 16, 1)),
    *((11, 34, 0), (8, 32, 0), (12, 25, 0), (2, 11, 0), (5, 20, 0), (4, 19, 0), (15, 6, 1)),
    *((8, 17, 0), (23, 35, 0), (5, 6, 1), (11, 13, 1), (4, 9, 0), (1, 6, 0), (8, 10, 0)),
)

TDABC_ACTIVITIES = (
    # activity, quantity per quarter, share of the employees' time in %, minutes for one
    ("customer orders", 49_000, 70, 8),
    ("customer inquiries", 1_400, 10, 44),
    ("credit checks", 2_500, 20, 50),
)

TDABC_DEPARTMENT = (
    ("expenses", 560_000, "dollars per quarter"),
    ("practical capacity", 700_000, "minutes per quarter"),
)

LIFETIME_ESTIMATES = (
    # model, data, parameter, estimate, BibTeX key
    ("BG/NBD", "CDNOW sample", "r", 0.243, "fader2005"),
    ("BG/NBD", "CDNOW sample", "alpha", 4.414, "fader2005"),
    ("BG/NBD", "CDNOW sample", "a", 0.793, "fader2005"),
    ("BG/NBD", "CDNOW sample", "b", 2.426, "fader2005"),
    ("BG/NBD", "CDNOW sample", "log_likelihood", -9582.4, "fader2005"),
    ("Pareto/NBD", "CDNOW sample", "r", 0.553, "fader2005"),
    ("Pareto/NBD", "CDNOW sample", "alpha", 10.578, "fader2005"),
    ("Pareto/NBD", "CDNOW sample", "s", 0.606, "fader2005"),
    ("Pareto/NBD", "CDNOW sample", "beta", 11.669, "fader2005"),
    ("Pareto/NBD", "CDNOW sample", "log_likelihood", -9595.0, "fader2005"),
    ("Gamma-Gamma", "CDNOW sample", "p", 6.25, "fader2013"),
    ("Gamma-Gamma", "CDNOW sample", "q", 3.74, "fader2013"),
    ("Gamma-Gamma", "CDNOW sample", "gamma", 15.44, "fader2013"),
    ("BG/BB", "donations", "alpha", 1.204, "fader2010"),
    ("BG/BB", "donations", "beta", 0.750, "fader2010"),
    ("BG/BB", "donations", "gamma", 0.657, "fader2010"),
    ("BG/BB", "donations", "delta", 2.783, "fader2010"),
    ("sBG", "retention: High End, years 1 to 7", "alpha", 0.668, "fader2007"),
    ("sBG", "retention: High End, years 1 to 7", "beta", 3.806, "fader2007"),
    ("sBG", "retention: Regular, years 1 to 7", "alpha", 0.704, "fader2007"),
    ("sBG", "retention: Regular, years 1 to 7", "beta", 1.182, "fader2007"),
)

_ELASTICITY = "% of quantity per % of price"

PACKAGE = Package(
    name="published",
    title="Small published tables",
    description=(
        "Numbers typed in from published works, each with its source, and course examples that say so. "
        "The numbers are facts of the works cited; the licence is that of this arrangement."
    ),
    version="1.1.0",
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
        Table(
            name="retention",
            title="Customers left of two segments, years 0 to 12",
            description=(
                "Share of the customers of a subscription business who were still there after each year, in "
                "two segments. The business is not named."
            ),
            source=(
                "Fader and Hardie (2007), How to Project Customer Retention, Journal of Interactive "
                "Marketing 21(1), 76–90, Table 1; data of Berry and Linoff (2004), Data Mining Techniques"
            ),
            source_url="https://doi.org/10.1002/dir.20074",
            citation="fader2007",
            primary_key=("segment", "year"),
            columns=(
                Column(
                    "segment",
                    "string",
                    "Segment",
                    "客户群",
                    "Segment of customers",
                    options=("High End", "Regular"),
                ),
                Column("year", "integer", "Year", "年", "Years since the start", unit="years"),
                Column(
                    "surviving",
                    "number",
                    "Surviving",
                    "留存比例",
                    "Customers still there",
                    unit="% of the customers of year 0",
                ),
            ),
        ),
        Table(
            name="remission",
            title="Weeks of remission of 42 leukaemia patients",
            description=(
                "A medical trial, not customers: the classic table of censored durations. Patients in "
                "remission were paired, and in each pair one got the drug 6-mercaptopurine (6-MP), the other "
                "a placebo. A remission that had not ended when the trial was stopped is censored."
            ),
            source=(
                "Freireich and others (1963), The Effect of 6-Mercaptopurine on the Duration of "
                "Steroid-Induced Remissions in Acute Leukemia, Blood 21(6), 699–716"
            ),
            citation="freireich1963",
            primary_key=("pair_id", "arm"),
            columns=(
                Column("pair_id", "integer", "Pair", "配对编号", "Number of the pair, 1 to 21"),
                Column("arm", "string", "Arm", "组别", "What the patient got", options=("6-MP", "placebo")),
                Column("weeks", "integer", "Weeks", "缓解周数", "Weeks seen in remission", unit="weeks"),
                Column(
                    "relapsed",
                    "integer",
                    "Relapsed",
                    "是否复发",
                    "1 if the remission ended then, 0 if it is censored",
                    unit="0 or 1",
                ),
            ),
        ),
        Table(
            name="tdabc_activities",
            title="Activities of a customer-service department (TDABC)",
            description=(
                "What the department of the introductory example does in a quarter. The quantities and the "
                "shares of time were checked against the article; the minutes were not: compare before "
                "quoting them."
            ),
            source=(
                "Kaplan and Anderson (2004), Time-Driven Activity-Based Costing, Harvard Business Review "
                "82(11), 131–138"
            ),
            source_url="https://hbr.org/2004/11/time-driven-activity-based-costing",
            citation="kaplan2004",
            primary_key=("activity",),
            columns=(
                Column("activity", "string", "Activity", "作业", "What is done"),
                Column(
                    "quantity",
                    "integer",
                    "Quantity",
                    "作业量",
                    "How often in a quarter",
                    unit="times per quarter",
                ),
                Column(
                    "time_share",
                    "integer",
                    "Share of time",
                    "时间占比",
                    "Share of their time that employees say they spend on it, in the older method",
                    unit="% of time",
                ),
                Column(
                    "minutes",
                    "integer",
                    "Minutes",
                    "单位时间",
                    "Time that one takes, in the newer method (not checked against the article)",
                    unit="minutes",
                ),
            ),
        ),
        Table(
            name="tdabc_department",
            title="Expenses and capacity of a customer-service department (TDABC)",
            description=(
                "What the activities of the table tdabc_activities cost together. The expenses were checked "
                "against the article; the practical capacity was not: compare before quoting it."
            ),
            source=(
                "Kaplan and Anderson (2004), Time-Driven Activity-Based Costing, Harvard Business Review "
                "82(11), 131–138"
            ),
            source_url="https://hbr.org/2004/11/time-driven-activity-based-costing",
            citation="kaplan2004",
            primary_key=("item",),
            columns=(
                Column("item", "string", "Item", "项目", "What the value is"),
                Column("value", "integer", "Value", "数值", "The value", unit="see column unit"),
                Column("unit", "string", "Unit", "单位", "Unit of the value"),
            ),
        ),
        Table(
            name="lifetime_estimates",
            title="Published estimates of lifetime models",
            description=(
                "Parameters of highest likelihood as the works of the column source print them, to hold "
                "one's own fits against. Times are in weeks, money in US dollars."
            ),
            source=(
                'Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science '
                "24(2), 275–284, Table 2, and the works of the column source"
            ),
            citation="fader2005",
            primary_key=("model", "data", "parameter"),
            columns=(
                Column("model", "string", "Model", "模型", "Name of the model"),
                Column("data", "string", "Data", "数据", "What it was fitted to"),
                Column("parameter", "string", "Parameter", "参数", "Parameter, or the log-likelihood"),
                Column(
                    "estimate",
                    "number",
                    "Estimate",
                    "估计值",
                    "The estimate, to the digits printed",
                    unit="see description",
                ),
                Column("source", "string", "Source", "来源", "BibTeX key of the work that prints it"),
            ),
        ),
    ),
)


def tables() -> dict[str, pd.DataFrame]:
    """Return every table of `PACKAGE`, by name."""
    food = [(category, -mean, -strong, -weak, n) for category, mean, weak, strong, n in FOOD_ELASTICITY]
    rows = {
        "food_elasticity": food,
        "toaster": TOASTER,
        "price_points": PRICE_POINTS,
        "retention": [
            (segment, year, left) for segment, curve in RETENTION.items() for year, left in enumerate(curve)
        ],
        "remission": [
            row
            for pair, (placebo, drug, relapsed) in enumerate(REMISSION, start=1)
            for row in ((pair, "placebo", placebo, 1), (pair, "6-MP", drug, relapsed))
        ],
        "tdabc_activities": TDABC_ACTIVITIES,
        "tdabc_department": TDABC_DEPARTMENT,
        "lifetime_estimates": LIFETIME_ESTIMATES,
    }
    return {
        table.name: pd.DataFrame(rows[table.name], columns=[column.name for column in table.columns])
        for table in PACKAGE.tables
    }
