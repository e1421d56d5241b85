"""What each simulated table and column means: the data dictionary of the Hailang dairy."""

from __future__ import annotations

from crmkit.data.hailang.truth import SEED, TRUTH
from crmkit.data.package import Column, ForeignKey, Package, Table

YES_NO = "1 = yes, 0 = no"
PERSONS = ("parent", "grandparent", "child", "office")
SOURCE = "made up for this course by crmkit.data.hailang, seed {seed}; no real firm, customer or sale"

_TIERS = tuple(tier.name for tier in TRUTH.tiers)
_FAMILIES = tuple(dict.fromkeys(sku.family for sku in TRUTH.skus))

MONTH = Column("month", "yearmonth", "Month", "月份", "Calendar month, YYYY-MM")
DAYS = Column("days", "integer", "Days", "当月天数", "Days of the month", unit="days")
ZONE = Column("zone_id", "integer", "Zone", "片区编号", "Number of the delivery zone")
ROUTE = Column("route_id", "integer", "Route", "线路编号", "Number of the delivery route, 1 to 400")
CARRIER = Column("carrier_id", "integer", "Delivery person", "送奶员编号", "Number of the delivery person")
ACCOUNT = Column("account_id", "integer", "Account", "订户编号", "Number of the subscriber's account")
SKU = Column("sku", "string", "SKU", "产品编号", "Code of the product")
PROMO = Column("promo_id", "string", "Promotion", "促销编号", "Code of the promotion")
ACTIVITY = Column("activity", "string", "Activity", "作业", "What the money of the cost pool pays for")
TIER = Column(
    "tier",
    "string",
    "Tier",
    "客户层级",
    "Customer tier, from the largest accounts to the smallest",
    options=_TIERS,
)
PRICE = Column(
    "price", "number", "Price", "单价", "Price that the customers of the row paid", unit="yuan/bottle"
)
BOTTLES = Column("bottles", "integer", "Bottles", "瓶数", "Bottles ordered in the month", unit="bottles")


def _flag(name: str, title: str, title_zh: str, meaning: str) -> Column:
    return Column(name, "integer", title, title_zh, f"{meaning}: {YES_NO}", unit="0 or 1")


def _yuan(name: str, title: str, title_zh: str, meaning: str, per: str = "") -> Column:
    return Column(name, "number", title, title_zh, meaning, unit=f"yuan{per}")


def _table(
    name: str,
    title: str,
    description: str,
    columns: tuple[Column, ...],
    primary_key: tuple[str, ...],
    **foreign_keys: str,
) -> Table:
    keys = tuple(ForeignKey(column, table) for column, table in foreign_keys.items())
    source = SOURCE.format(seed=SEED)
    return Table(name, title, description, source, columns, primary_key=primary_key, foreign_keys=keys)


_ZONES = _table(
    "zones",
    "Delivery zones",
    "The 20 zones of the city that the dairy delivers to.",
    (
        ZONE,
        Column("households", "integer", "Households", "住户数", "Households in the zone", unit="households"),
        Column(
            "distance_km", "number", "Distance", "距站点公里数", "Distance from the depot by road", unit="km"
        ),
        Column(
            "density",
            "integer",
            "Density",
            "住户密度",
            "Households per square kilometre",
            unit="households/km²",
        ),
        Column(
            "income_index",
            "number",
            "Income index",
            "收入指数",
            "Household income of the zone",
            unit="typical zone = 100",
        ),
        Column(
            "rival_entry_month",
            "yearmonth",
            "Rival's entry",
            "竞争者进入月份",
            "First month in which a rival delivers milk in the zone; empty where none does",
            required=False,
        ),
    ),
    ("zone_id",),
)

_ROUTES = _table(
    "routes",
    "Delivery routes",
    "The 400 routes, each with 200 milk boxes and one delivery person at a time.",
    (
        ROUTE,
        ZONE,
        Column(
            "grade",
            "string",
            "Grade",
            "线路类型",
            "How close together the doors of the route are",
            options=TRUTH.grades,
        ),
        Column("boxes", "integer", "Boxes", "奶箱数", "Milk boxes on the route", unit="boxes"),
        _flag("in_sample", "In sample", "是否抽样", "Whether the accounts of the route are in the sample"),
    ),
    ("route_id",),
    zone_id="zones",
)

_CARRIERS = _table(
    "carriers",
    "Delivery people (送奶员)",
    "Everybody who has delivered on one of the 400 routes: the first 400 and their successors, who start in "
    "the month after an exit.",
    (
        CARRIER,
        ROUTE,
        Column("start_month", "yearmonth", "Start", "上岗月份", "First month of work"),
        Column(
            "exit_month",
            "yearmonth",
            "Exit",
            "离岗月份",
            "Last month of work; empty if still at work at the end of 1999-09",
            required=False,
        ),
        Column(
            "exit_reason",
            "string",
            "Exit reason",
            "离岗原因",
            "Why the delivery person left; empty if still at work",
            options=tuple(reason for reason, _ in TRUTH.exit_reasons),
            required=False,
        ),
        _yuan("pay_base", "Base pay", "底薪", "Fixed pay", "/month"),
        _yuan("commission", "Commission", "提成", "Pay for each bottle delivered", "/bottle"),
        _yuan("deposit", "Deposit", "押金", "Money left with the dairy as security"),
        _flag("trained", "Trained", "是否受训", "Whether the delivery person had the service training"),
    ),
    ("carrier_id",),
    route_id="routes",
)

_PRODUCTS = _table(
    "products",
    "Products",
    "Three functional products (the 双叉 series) and thirteen ordinary ones. The names of the series' three "
    "members, and of most ordinary products, are invented.",
    (
        SKU,
        Column("name_zh", "string", "Chinese name", "中文名称", "Name in Chinese"),
        Column("name_en", "string", "English name", "英文名称", "Name in English"),
        Column("family", "string", "Family", "产品系列", "Product family", options=_FAMILIES),
        _flag("functional", "Functional", "是否功能性", "Whether it belongs to the 双叉 series"),
        _flag(
            "concept_hype",
            "Concept hype",
            "是否概念炒作",
            "Whether it was launched on a health or beauty concept in fashion",
        ),
        Column("launch_month", "yearmonth", "Launch", "上市月份", "First month on sale"),
        _yuan("list_price", "List price", "标价", "List price", "/bottle"),
        _yuan(
            "unit_var_cost",
            "Variable cost",
            "单位变动成本",
            "Milk, bottle and energy; the delivery person's commission is not included",
            "/bottle",
        ),
    ),
    ("sku",),
)

_SUBSCRIBERS = _table(
    "subscribers",
    "Subscribers (1 in 20)",
    "Every account that was ever served on the 20 sampled routes. When an account leaves, its box goes to "
    "the next on the waiting list in the month after.",
    (
        ACCOUNT,
        ROUTE,
        ZONE,
        Column(
            "type",
            "string",
            "Type",
            "客户类型",
            "A household, or an institution such as a canteen or an office",
            options=("household", "institution"),
        ),
        Column(
            "tier_true",
            "string",
            "Tier",
            "客户层级",
            "Customer tier, from the largest accounts to the smallest",
            options=_TIERS,
        ),
        Column("payer", "string", "Payer", "付款者", "Who pays", options=PERSONS),
        Column("decider", "string", "Decider", "决策者", "Who decides", options=PERSONS),
        Column("user", "string", "User", "使用者", "Who drinks the milk", options=PERSONS),
        Column("join_month", "yearmonth", "Joined", "订奶月份", "First month of service"),
        Column(
            "leave_month",
            "yearmonth",
            "Left",
            "退订月份",
            "Last month of service; empty if still served at the end of 1999-09",
            required=False,
        ),
        _flag(
            "phone_known_to_firm",
            "Phone known",
            "公司是否有电话",
            "Whether the dairy itself, and not only the delivery person, has a telephone number",
        ),
        Column(
            "need_pattern",
            "string",
            "Need pattern",
            "需求模式",
            "When the milk is wanted: the same every day, on working days, or now and then",
            options=("standing", "weekday", "irregular"),
        ),
        Column(
            "spend_class",
            "string",
            "Spend class",
            "消费能力",
            "Third of the accounts by usual bottles a day",
            options=("high", "medium", "low"),
        ),
    ),
    ("account_id",),
    route_id="routes",
    zone_id="zones",
)

_ROUTE_MONTHS = _table(
    "route_months",
    "Accounts by month and route",
    "All 400 routes: accounts served, joined and lost in each month.",
    (
        MONTH,
        ROUTE,
        CARRIER,
        Column("accounts", "integer", "Accounts", "订户数", "Accounts served in the month", unit="accounts"),
        Column(
            "joined",
            "integer",
            "Joined",
            "新增订户",
            "Of these, accounts whose first month this is",
            unit="accounts",
        ),
        Column(
            "left",
            "integer",
            "Left",
            "流失订户",
            "Of these, accounts whose last month this is",
            unit="accounts",
        ),
        _flag(
            "after_exit",
            "After an exit",
            "离岗后三个月内",
            "Whether a delivery person of the route left in one of the three months before",
        ),
    ),
    ("month", "route_id"),
    route_id="routes",
    carrier_id="carriers",
)

_SALES_MONTHLY = _table(
    "sales_monthly",
    "Sales by month, zone and tier",
    "All accounts of the dairy.",
    (
        MONTH,
        DAYS,
        ZONE,
        TIER,
        Column("accounts", "integer", "Accounts", "订户数", "Accounts served in the month", unit="accounts"),
        BOTTLES,
        _yuan("revenue", "Revenue", "销售收入", "Bottles times the price paid"),
    ),
    ("month", "zone_id", "tier"),
    zone_id="zones",
)

_SKU_MONTHLY = _table(
    "sku_monthly",
    "Sales by month and product",
    "All accounts of the dairy, from each product's launch.",
    (MONTH, DAYS, SKU, BOTTLES),
    ("month", "sku"),
    sku="products",
)

_ORDERS = _table(
    "orders_monthly",
    "Orders by month (1 in 20)",
    "What each sampled account ordered, one product at a time, in each month that it was served.",
    (
        MONTH,
        ACCOUNT,
        SKU,
        BOTTLES,
        _yuan("price_paid", "Price paid", "实付单价", "List price less the promotion's discount", "/bottle"),
        Column(
            "promo_id",
            "string",
            "Promotion",
            "促销编号",
            "The discount that applied; empty if none did",
            required=False,
        ),
    ),
    ("month", "account_id"),
    account_id="subscribers",
    sku="products",
    promo_id="promotions",
)

_PAYMENTS = _table(
    "payments",
    "Payments by month (1 in 20)",
    "What each sampled account owed and what the dairy received.",
    (
        MONTH,
        ACCOUNT,
        Column(
            "channel",
            "string",
            "Channel",
            "付款渠道",
            "How the account pays",
            options=("carrier cash", "prepaid card", "bank"),
        ),
        _yuan("due", "Due", "应收", "Bottles of the month times the price paid"),
        _yuan("paid", "Paid", "实收", "Money that reached the dairy"),
        Column(
            "days_late", "integer", "Days late", "逾期天数", "Days after the end of the month", unit="days"
        ),
    ),
    ("month", "account_id"),
    account_id="subscribers",
)

_DELIVERIES = _table(
    "deliveries_daily",
    "Deliveries by day, September 1999 (1 in 20)",
    "One row for each day on which an account had milk ordered. Over the month they add up to the orders.",
    (
        Column("date", "date", "Date", "日期", "Day of the delivery, YYYY-MM-DD"),
        ACCOUNT,
        SKU,
        Column("bottles", "integer", "Bottles", "瓶数", "Bottles ordered for the day", unit="bottles"),
        _flag("on_time", "On time", "是否准时", "Whether they were in the box by 7 o'clock"),
        _flag("in_full", "In full", "是否足量", "Whether no bottle was missing"),
        Column(
            "hours_above_4C",
            "number",
            "Hours above 4 °C",
            "4℃以上小时数",
            "Time on the way that the milk was warmer than 4 °C",
            unit="hours",
        ),
        _flag("spoiled", "Spoiled", "是否变质", "Whether the subscriber found the milk spoiled"),
    ),
    ("date", "account_id"),
    account_id="subscribers",
    sku="products",
)

_COMPLAINTS = _table(
    "complaints",
    "Complaints (1 in 20)",
    "Every complaint of the sampled accounts, whether or not the dairy heard of it.",
    (
        Column("complaint_id", "integer", "Complaint", "投诉编号", "Number of the complaint"),
        Column("date", "date", "Date", "日期", "Day of the complaint, YYYY-MM-DD"),
        ACCOUNT,
        Column(
            "type",
            "string",
            "Type",
            "投诉类型",
            "What it was about",
            options=("late", "short", "spoiled", "billing", "attitude"),
        ),
        _flag(
            "reached_firm",
            "Reached the firm",
            "是否到达公司",
            "Whether the dairy heard of it, and not only the delivery person",
        ),
        Column(
            "hours_to_resolve",
            "number",
            "Hours to resolve",
            "处理时长",
            "Time until it was resolved; empty if it never was",
            unit="hours",
            required=False,
        ),
        _yuan("compensation", "Compensation", "补偿", "Value given to the subscriber"),
    ),
    ("complaint_id",),
    account_id="subscribers",
)

_PROMOTIONS = _table(
    "promotions",
    "Promotions",
    "The promotions of the 36 months. The discounts changed what was ordered; the last three, which are "
    "gifts, were tried on accounts drawn by lot.",
    (
        PROMO,
        Column("kind", "string", "Kind", "促销方式", "Discount or gift", options=("discount", "gift")),
        TIER,
        Column("start", "date", "Start", "开始日期", "First day, YYYY-MM-DD"),
        Column("end", "date", "End", "结束日期", "Last day, YYYY-MM-DD"),
        Column(
            "discount",
            "number",
            "Discount",
            "折扣",
            "Share of the list price; 0 for a gift",
            unit="share",
        ),
        _yuan("gift_cost", "Gift cost", "赠品成本", "Cost of the gift; 0 for a discount", "/account"),
    ),
    ("promo_id",),
)

_PROMO_ASSIGN = _table(
    "promo_assign",
    "Promotions drawn by lot",
    "All VIP accounts, 4,000 ordinary and 14,000 small ones of the whole dairy, half of them treated by "
    "lot. Only 1 in 20 of them is also in the table of subscribers.",
    (
        PROMO,
        ACCOUNT,
        TIER,
        _flag("treated", "Treated", "是否促销", "Whether the lot gave the account the promotion"),
        _flag("responded", "Responded", "是否响应", "Whether the account enlarged its standing order"),
    ),
    ("promo_id", "account_id"),
    promo_id="promotions",
)

_MOVES = _table(
    "competitor_moves",
    "Moves of competitors",
    "What the dairy's people noticed. Only the entries have an effect on the accounts of these tables.",
    (
        Column("move_id", "integer", "Move", "编号", "Number of the move"),
        MONTH,
        ZONE,
        Column(
            "move",
            "string",
            "Kind of move",
            "竞争行为",
            "A rival starts to deliver, cuts its price, or hires the dairy's delivery people",
            options=("entry", "price cut", "poach"),
        ),
        Column("size", "number", "Size", "规模", "How large the move was", unit="see column unit"),
        Column(
            "unit",
            "string",
            "Unit",
            "单位",
            "Unit of the size",
            options=("delivery people", "yuan/bottle"),
        ),
    ),
    ("move_id",),
    zone_id="zones",
)

_COST_POOLS = _table(
    "cost_pools",
    "Cost pools, September 1999",
    "Ten activities of the whole dairy. Accounts use minutes of the first six; the other four sustain the "
    "dairy as a whole.",
    (
        ACTIVITY,
        Column("activity_zh", "string", "Chinese name", "作业名称", "Name of the activity in Chinese"),
        Column(
            "driver",
            "string",
            "Driver",
            "成本动因",
            "What makes an account use the activity; empty for the four that no account uses",
            required=False,
        ),
        _yuan("cost", "Cost", "成本", "Cost of the pool", "/month"),
        Column(
            "practical_capacity",
            "integer",
            "Practical capacity",
            "实际产能",
            "Minutes of work that the people of the pool can really do; 0 where work is not timed",
            unit="minutes/month",
        ),
    ),
    ("activity",),
)

_TIME_STUDY = _table(
    "time_study",
    "Time study of accounts, September 1999 (1 in 20)",
    "Minutes that each sampled account used of each activity. An account without a row for an activity "
    "used none of it.",
    (
        ACCOUNT,
        ACTIVITY,
        Column("minutes", "number", "Minutes", "分钟数", "Minutes used in the month", unit="minutes/month"),
    ),
    ("account_id", "activity"),
    account_id="subscribers",
    activity="cost_pools",
)


def _items(prefix: str, title: str, title_zh: str, asked: str) -> tuple[Column, ...]:
    dimensions = [name for name, items, _ in TRUTH.service_gaps for _ in range(items)]
    return tuple(
        Column(
            f"{prefix}{i}",
            "integer",
            f"{title} {i}",
            f"{title_zh}{i}",
            f"{asked}, item {i} of 22: {dimension}",
            unit="1 to 7",
        )
        for i, dimension in enumerate(dimensions, start=1)
    )


_SURVEY = _table(
    "survey",
    "Survey of subscribers, September 1999",
    "Answers of 1,200 sampled accounts: recommendation, satisfaction, trust, and 22 pairs of expectation "
    "and perception in five dimensions of service quality.",
    (
        ACCOUNT,
        Column(
            "nps",
            "integer",
            "Recommendation",
            "推荐意愿",
            "How likely they are to recommend the dairy",
            unit="0 to 10",
        ),
        Column("csat", "integer", "Satisfaction", "满意度", "How satisfied they are", unit="1 to 5"),
        _flag(
            "extra_service",
            "Extra service",
            "是否获额外服务",
            "Whether they got advice or another service beyond delivery in the last three months, which was "
            "given by lot",
        ),
        Column("trust", "number", "Trust", "信任", "Mean of five items on trust", unit="1 to 7"),
        Column(
            "intended_bottles",
            "number",
            "Intended bottles",
            "计划每周瓶数",
            "Bottles a week that they mean to order next quarter",
            unit="bottles/week",
        ),
        *_items("e", "Expectation", "期望", "What an excellent dairy should do"),
        *_items("p", "Perception", "感知", "What this dairy does"),
    ),
    ("account_id",),
    account_id="subscribers",
)

_FENCE_TRIAL = _table(
    "fence_trial",
    "Trial of the fence",
    "120 routes whose delivery person left for a rival in the year after September 1999. The lot decided "
    "which half the dairy had fenced beforehand: prepaid card, direct contact, a second person known at the "
    "door.",
    (
        ROUTE,
        Column(
            "arm",
            "string",
            "Arm",
            "试验组",
            "What the lot decided for the route",
            options=("control", "fence"),
        ),
        Column("accounts", "integer", "Accounts", "订户数", "Accounts at the exit", unit="accounts"),
        Column(
            "accounts_fenced",
            "integer",
            "Accounts fenced",
            "围栏订户数",
            "Accounts that took part in the fence",
            unit="accounts",
        ),
        Column(
            "accounts_lost",
            "integer",
            "Accounts lost",
            "被带走订户数",
            "Accounts that followed the delivery person to the rival",
            unit="accounts",
        ),
    ),
    ("route_id",),
    route_id="routes",
)

_PRICE_PANEL = _table(
    "price_panel",
    "Price experiment by month, zone and tier",
    "For 36 months the price of every zone and tier was drawn by lot within ±15% of the zone's price level. "
    "Zones differ in income, price level and demand. It stands alone: the dairy's orders and sales are at "
    "list prices.",
    (
        MONTH,
        ZONE,
        TIER,
        Column(
            "income_index",
            "number",
            "Income index",
            "收入指数",
            "Household income of the zone, the same in all months",
            unit="typical zone = 100",
        ),
        PRICE,
        Column(
            "bottles",
            "number",
            "Bottles a day",
            "日均瓶数",
            "Bottles delivered a day to the tier in the zone, mean of the month",
            unit="bottles/day",
        ),
    ),
    ("month", "zone_id", "tier"),
    zone_id="zones",
)

_CHARM_TEST = _table(
    "charm_test",
    "Test of a price ending in 9",
    "120 delivery routes were drawn by lot to keep the price of 1.80 yuan (control) or to pay 1.79 yuan for "
    "one month. It stands alone: its routes have numbers of their own.",
    (
        Column("route_id", "integer", "Route", "线路编号", "Number of the delivery route in the test"),
        Column(
            "arm",
            "string",
            "Arm",
            "试验组",
            "Price that the lot gave the route, as text; 1.80 is the control",
            options=(f"{TRUTH.list_price:.2f}", f"{TRUTH.charm_price:.2f}"),
        ),
        PRICE,
        Column("accounts", "integer", "Accounts", "订户数", "Accounts on the route", unit="accounts"),
        Column(
            "bottles_before",
            "number",
            "Bottles before",
            "试验前每户日均瓶数",
            "Bottles per account per day in the month before the test, at 1.80 yuan",
            unit="bottles/account/day",
        ),
        Column(
            "bottles_after",
            "number",
            "Bottles after",
            "试验期每户日均瓶数",
            "Bottles per account per day in the month of the test",
            unit="bottles/account/day",
        ),
    ),
    ("route_id",),
)

PACKAGE = Package(
    name="hailang",
    title="Hailang dairy, home delivery of milk (simulated)",
    description=(
        "A simulated dairy in Chengdu that delivers milk to 80,000 accounts. Effects of known size are "
        "planted in the tables, so that an estimate can be compared with the truth. Tables marked 1 in 20 "
        "hold the accounts of 20 of the 400 routes; the others hold the whole dairy."
    ),
    version="2.0.0",
    licence="MIT",
    simulated=True,
    tables=(
        _ZONES,
        _ROUTES,
        _CARRIERS,
        _PRODUCTS,
        _PROMOTIONS,
        _SUBSCRIBERS,
        _ORDERS,
        _PAYMENTS,
        _DELIVERIES,
        _COMPLAINTS,
        _COST_POOLS,
        _TIME_STUDY,
        _ROUTE_MONTHS,
        _SALES_MONTHLY,
        _SKU_MONTHLY,
        _MOVES,
        _PROMO_ASSIGN,
        _SURVEY,
        _FENCE_TRIAL,
        _PRICE_PANEL,
        _CHARM_TEST,
    ),
)
