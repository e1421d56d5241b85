"""Real customers: tables read at run time from a Python package that carries them, never shipped.

The files are those of `Lifetimes`, found without importing it: its code needs packages that the course does
not, and in the browser nothing but the unpacked wheel is there.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crmkit.data.package import Column, Package, Table, WheelFile

REQUIREMENT = "Lifetimes==0.11.3"

_CUSTOMER = Column(
    "customer_id",
    "integer",
    "Customer",
    "顾客编号",
    "Number of the customer in the whole cohort, 1 to 23,570",
)
_FADER_HARDIE = "Peter S. Fader and Bruce G. S. Hardie, brucehardie.com"

PACKAGE = Package(
    name="real",
    title="Real customers",
    description=(
        "Data of real customers, made public by Fader and Hardie and carried by the Python package "
        "Lifetimes, from whose installed files the tables are read. That package is under the MIT licence, "
        "© 2015 Cameron Davidson-Pilon. That this covers the data, too, is its packager's claim: the data "
        "come with no licence of their own. They are therefore not shipped with the course."
    ),
    version="1.0.0",
    licence="MIT, as claimed by the packager; the data come with no licence of their own",
    simulated=False,
    tables=(
        Table(
            name="cdnow",
            title="Purchases at CDNOW, 1997–98",
            description=(
                "All purchases up to 30 June 1998 of the 23,570 people who first bought at the online music "
                "store CDNOW in the first quarter of 1997. A row is a transaction; a customer may have "
                "several on a day, and even equal ones. A few cost nothing."
            ),
            source=f"{_FADER_HARDIE}: CDNOW master data set",
            source_url="http://brucehardie.com/notes/026/",
            citation="fader2001",
            columns=(
                _CUSTOMER,
                Column("date", "date", "Date", "购买日期", "Day of the transaction"),
                Column("cds", "integer", "CDs", "唱片数量", "Number of CDs bought", unit="CDs"),
                Column("dollars", "number", "Dollars", "金额", "Price of the transaction", unit="US dollars"),
            ),
            wheel_file=WheelFile(
                REQUIREMENT,
                "lifetimes/datasets/CDNOW_master.txt",
                bytes=1_950_500,
                sha256="eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef",
            ),
        ),
        Table(
            name="cdnow_sample",
            title="The one CDNOW customer in ten of the published fits",
            description=(
                "The 2,357 of the 23,570 customers whose purchases the articles on the Pareto/NBD, BG/NBD "
                "and Gamma-Gamma models use. The purchases are those in the table cdnow."
            ),
            source=f"{_FADER_HARDIE}: CDNOW data set, one-in-ten sample",
            source_url="http://brucehardie.com/notes/026/",
            citation="fader2001",
            columns=(
                _CUSTOMER,
                Column(
                    "sample_id",
                    "integer",
                    "Number in the sample",
                    "样本编号",
                    "Number of the customer in the sample, 1 to 2,357, in the order of the first purchase",
                ),
            ),
            primary_key=("customer_id",),
            wheel_file=WheelFile(
                REQUIREMENT,
                "lifetimes/datasets/CDNOW_sample.txt",
                bytes=228_327,
                sha256="6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a",
            ),
        ),
        Table(
            name="donations",
            title="Repeat donations, 1996–2001",
            description=(
                "How often and until when 11,104 people who first gave to a charity in 1995 gave again in "
                "the six years after. A row is a pattern of giving, with the number of people who show it."
            ),
            source=f"{_FADER_HARDIE}: data of Fader, Hardie and Shang (2010)",
            source_url="http://brucehardie.com/notes/010/",
            citation="fader2010",
            columns=(
                Column(
                    "frequency",
                    "integer",
                    "Frequency",
                    "捐款年数",
                    "Number of the six years with a donation",
                    unit="years",
                ),
                Column(
                    "recency",
                    "integer",
                    "Recency",
                    "最近捐款年",
                    "Number of the last year with a donation, 1 to 6; 0 if there was none",
                    unit="years",
                ),
                Column("periods", "integer", "Periods", "观察年数", "Years observed", unit="years"),
                Column(
                    "donors", "integer", "Donors", "捐款人数", "People who show the pattern", unit="people"
                ),
            ),
            primary_key=("frequency", "recency", "periods"),
            wheel_file=WheelFile(
                REQUIREMENT,
                "lifetimes/datasets/donations.csv",
                bytes=256,
                sha256="82c25f26a201ff047e1cd5fe3d7967a45db92a025ecedee72ff8940e50104544",
            ),
        ),
    ),
)


def read(name: str, file: WheelFile) -> pd.DataFrame:
    """Read a table from the installed package's file.

    Parameters
    ----------
    name
        The name that `load` takes, such as `"real.cdnow"`.
    file
        The file that carries the table.

    Returns
    -------
    pandas.DataFrame
        The tidy table, with the columns that the package declares.

    Raises
    ------
    NotInstalledError
        If the Python package that carries the file is not installed.
    DataFileError
        If the file is missing, truncated or edited.
    """
    return READERS[name](file.verified(name))


def tables() -> dict[str, pd.DataFrame]:
    """Return every table of `PACKAGE`, by name."""
    return {
        table.name: read(f"{PACKAGE.name}.{table.name}", table.wheel_file)
        for table in PACKAGE.tables
        if table.wheel_file
    }


def _cdnow(path: Path) -> pd.DataFrame:
    purchases = pd.read_csv(
        path,
        sep=r"\s+",
        skiprows=1,
        names=["customer_id", "date", "cds", "dollars"],
        dtype={"customer_id": "int64", "date": "category", "cds": "int64", "dollars": "float64"},
    )
    # There are few days and many purchases: each day is spelt out once.
    days = [pd.Timestamp(str(day)).strftime("%Y-%m-%d") for day in purchases["date"].cat.categories]
    purchases["date"] = purchases["date"].cat.rename_categories(days).astype("str")
    return purchases


def _cdnow_sample(path: Path) -> pd.DataFrame:
    customers = pd.read_csv(
        path, sep=r"\s+", header=None, usecols=[0, 1], names=["customer_id", "sample_id"], dtype="int64"
    )
    return customers.drop_duplicates(ignore_index=True)


def _donations(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="int64").rename(columns={"weights": "donors"})


READERS = {"real.cdnow": _cdnow, "real.cdnow_sample": _cdnow_sample, "real.donations": _donations}
