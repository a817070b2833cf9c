"""What the synthetic population assumes, as data: every share, where it comes from, and how sure that is.

No figure here was copied from a table: each is a rounded value of the order that the named statistic publishes, and is
marked "assumed". They describe a metropolitan district (구) of about 2024; they are not measurements
of any district, and a county (군) is older and more rural than they say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from madang.numerics.errors import EngineInputError

REGISTRATION = (
    "assumed; of the order of the resident registration statistics (Ministry of the Interior and Safety, 2024)"
)
CENSUS = "assumed; of the order of the Population and Housing Census, register-based (Statistics Korea, 2023)"
VITAL = "assumed; of the order of the vital statistics (Statistics Korea, 2023)"
LABOUR = "assumed; of the order of the Economically Active Population Survey (Statistics Korea, 2024)"
ESTABLISHMENTS = "assumed; of the order of the Census on Establishments (Statistics Korea, 2022)"
EDUCATION = "assumed; of the order of the Basic Education Statistics (Korean Educational Development Institute, 2024)"
INSURANCE = "assumed; of the order of the Long-Term Care Insurance Statistical Yearbook (NHIS, 2023)"
KNHANES = "assumed; of the order of the Korea National Health and Nutrition Examination Survey and NHIS claims (2022)"
OLDER_PERSONS = "assumed; of the order of the Survey of Older Persons (Ministry of Health and Welfare, 2023)"
ENERGY = "assumed; of the order of the household electricity use that KEPCO publishes (2023)"
WELFARE = "assumed; of the order of the National Basic Livelihood statistics (Ministry of Health and Welfare, 2023)"
ASSUMED = "assumed; no statistic was followed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginal:
    """One assumed distribution or rate.

    Attributes
    ----------
    title : str
        What it says, in one line.
    source : str
        Where it comes from, or "assumed".
    columns : tuple of str
        What its columns hold.
    rows : mapping of str to tuple of float
        A row a category.
    shares : bool
        Whether each column adds up to one.
    """

    title: str
    source: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float, ...]]
    shares: bool = True

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows.values()):
            raise EngineInputError("row_length", f"{self.title}: a row is not as wide as its columns")
        if self.shares and not np.allclose(self.values.sum(axis=0), 1.0, atol=1e-9):
            raise EngineInputError("not_one", f"{self.title}: adds up to {self.values.sum(axis=0)}, not to 1")

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """The rows as an array, shape (n_rows, n_columns)."""
        return np.array(tuple(self.rows.values()), dtype=np.float64)

    def column(self, name: str | None = None) -> npt.NDArray[np.float64]:
        """Return one column (the only one without a name)."""
        index = 0 if name is None else self.columns.index(name)
        return self.values[:, index]


AGE_LOW = np.arange(0, 90, 5)
OLDEST = 104

AGE = Marginal(
    title="Persons by age",
    source=REGISTRATION,
    columns=("share",),
    rows=MappingProxyType(
        {
            "0-4": (0.031,), "5-9": (0.043,), "10-14": (0.050,), "15-19": (0.052,), "20-24": (0.065,),
            "25-29": (0.069,), "30-34": (0.061,), "35-39": (0.056,), "40-44": (0.073,), "45-49": (0.075,),
            "50-54": (0.086,), "55-59": (0.079,), "60-64": (0.080,), "65-69": (0.062,), "70-74": (0.042,),
            "75-79": (0.032,),
            "80-84": (0.026,), "85+": (0.018,),
        }
    ),
)  # fmt: skip

MALE = Marginal(
    title="Share of men by age",
    source=REGISTRATION,
    columns=("share",),
    shares=False,
    rows=MappingProxyType(
        {
            "0-4": (0.512,), "5-9": (0.513,), "10-14": (0.514,), "15-19": (0.516,), "20-24": (0.520,),
            "25-29": (0.518,), "30-34": (0.514,), "35-39": (0.505,), "40-44": (0.500,), "45-49": (0.500,),
            "50-54": (0.497,),
            "55-59": (0.493,), "60-64": (0.490,), "65-69": (0.482,), "70-74": (0.465,), "75-79": (0.436,),
            "80-84": (0.390,), "85+": (0.290,),
        }
    ),
)  # fmt: skip

HOUSEHOLD_SIZE = Marginal(
    title="Households by number of persons",
    source=CENSUS,
    columns=("share",),
    rows=MappingProxyType({"1": (0.365,), "2": (0.274,), "3": (0.190,), "4": (0.134,), "5": (0.029,), "6": (0.008,)}),
)

# Who lives together in a household of each size: a couple, a lone parent or others; children; an elder parent.
HOUSEHOLD_KIND = Marginal(
    title="Households of each size by kind",
    source=CENSUS,
    columns=("2", "3", "4", "5", "6"),
    rows=MappingProxyType(
        {
            "couple": (0.640, 0.0, 0.0, 0.0, 0.0),
            "couple, 1 child": (0.0, 0.800, 0.0, 0.0, 0.0),
            "couple, 2 children": (0.0, 0.0, 0.890, 0.0, 0.0),
            "couple, 3 children": (0.0, 0.0, 0.0, 0.700, 0.0),
            "couple, 4 children": (0.0, 0.0, 0.0, 0.0, 0.400),
            "couple, 1 child, elder parent": (0.0, 0.0, 0.080, 0.0, 0.0),
            "couple, 2 children, elder parent": (0.0, 0.0, 0.0, 0.300, 0.0),
            "couple, 3 children, elder parent": (0.0, 0.0, 0.0, 0.0, 0.600),
            "lone parent, 1 child": (0.230, 0.0, 0.0, 0.0, 0.0),
            "lone parent, 2 children": (0.0, 0.140, 0.0, 0.0, 0.0),
            "lone parent, 3 children": (0.0, 0.0, 0.030, 0.0, 0.0),
            "others, 2": (0.130, 0.0, 0.0, 0.0, 0.0),
            "others, 3": (0.0, 0.060, 0.0, 0.0, 0.0),
        }
    ),
)

ALONE_LOW = np.array([19, 30, 40, 50, 60, 70])
ALONE_AGE = Marginal(
    title="One-person households by the person's age",
    source=CENSUS,
    columns=("share",),
    rows=MappingProxyType(
        {"19-29": (0.186,), "30-39": (0.173,), "40-49": (0.126,), "50-59": (0.151,), "60-69": (0.173,), "70+": (0.191,)}
    ),
)
ALONE_MALE = Marginal(
    title="Share of men among those who live alone, by age",
    source=CENSUS,
    columns=("share",),
    shares=False,
    rows=MappingProxyType(
        {"19-29": (0.52,), "30-39": (0.62,), "40-49": (0.62,), "50-59": (0.56,), "60-69": (0.44,), "70+": (0.26,)}
    ),
)

# Relative chances that shape who takes which part in the households above; the totals of the table of kinds rule.
ROLE_MIDDLE = np.array([21.5, 27.0, 32.0, 37.0, 44.5, 54.5, 64.5, 74.5, 85.0])
ROLE_CHANCE = Marginal(
    title="Relative chance by age of each part in a household (even between the middles of the groups)",
    source=ASSUMED,
    columns=("partner, man", "partner, woman", "grown-up child", "lone parent", "with a child's family", "with others"),
    shares=False,
    rows=MappingProxyType(
        {
            "19-24": (0.01, 0.02, 0.85, 0.0, 0.0, 0.06),
            "25-29": (0.10, 0.18, 0.55, 0.005, 0.0, 0.07),
            "30-34": (0.38, 0.50, 0.30, 0.02, 0.0, 0.06),
            "35-39": (0.62, 0.70, 0.15, 0.04, 0.0, 0.04),
            "40-49": (0.72, 0.75, 0.07, 0.08, 0.0, 0.03),
            "50-59": (0.77, 0.76, 0.03, 0.09, 0.0, 0.03),
            "60-69": (0.80, 0.72, 0.008, 0.05, 0.0, 0.03),
            "70-79": (0.80, 0.55, 0.0, 0.04, 0.06, 0.03),
            "80+": (0.68, 0.20, 0.0, 0.03, 0.22, 0.04),
        }
    ),
)
LONE_PARENT_MEN = 0.3
WIDOWED_ELDERS_MEN = 0.25

FAMILY = Marginal(
    title="Ages within families [year]",
    source=VITAL,
    columns=("mean", "standard deviation"),
    shares=False,
    rows=MappingProxyType({"mother's age at birth": (31.0, 4.4), "noise of a partner's age in matching": (0.0, 2.2)}),
)
MOTHER_AGE_AT_BIRTH = (18, 47)

DWELLING = Marginal(
    title="Households by dwelling (detached includes houses let by the floor; multi-family are row and small flats)",
    source=CENSUS,
    columns=("share",),
    rows=MappingProxyType({"apartment": (0.67,), "detached": (0.25,), "multi-family": (0.08,)}),
)
HOUSEHOLDS_PER_BUILDING = Marginal(
    title="Households a building",
    source=ASSUMED,
    columns=("mean",),
    shares=False,
    rows=MappingProxyType({"apartment": (55.0,), "detached": (1.6,), "multi-family": (8.0,)}),
)
BUILT_LOW = np.array([1960, 1980, 1990, 2000, 2010, 2020, 2026])
BUILT = Marginal(
    title="Households by the decade their building was built in",
    source=CENSUS,
    columns=("share",),
    rows=MappingProxyType(
        {
            "1960-1979": (0.06,), "1980-1989": (0.13,), "1990-1999": (0.31,), "2000-2009": (0.24,),
            "2010-2019": (0.20,), "2020-2025": (0.06,),
        }
    ),
)  # fmt: skip
FLOOR_LOW = np.array([14.0, 40.0, 60.0, 85.0, 130.0, 230.0])
FLOOR = Marginal(
    title="Households by floor area [m2]",
    source=CENSUS,
    columns=("share",),
    rows=MappingProxyType(
        {"14-40": (0.13,), "40-60": (0.27,), "60-85": (0.38,), "85-130": (0.15,), "130-230": (0.07,)}
    ),
)

INCOME = Marginal(
    title="Households by income band (recipient: National Basic Livelihood; near poor: just above it)",
    source=WELFARE,
    columns=("share",),
    rows=MappingProxyType(
        {"recipient": (0.075,), "near poor": (0.040,), "low": (0.250,), "middle": (0.440,), "high": (0.195,)}
    ),
)

SCHOOL_AGES = (0, 3, 6, 12, 15, 18)
SCHOOL = Marginal(
    title="Enrolment, and pupils a school (ages 0-2, 3-5, 6-11, 12-14, 15-17)",
    source=EDUCATION,
    columns=("enrolled", "pupils a school"),
    shares=False,
    rows=MappingProxyType(
        {
            "nursery": (0.62, 45.0), "kindergarten": (0.93, 80.0), "elementary": (0.99, 600.0), "middle": (0.97, 560.0),
            "high": (0.95, 760.0),
        }
    ),
)  # fmt: skip

WORK_LOW = np.array([0, 15, 20, 30, 40, 50, 60, 65, 70, 80])
WORK = Marginal(
    title="Employed by age and sex",
    source=LABOUR,
    columns=("men", "women"),
    shares=False,
    rows=MappingProxyType(
        {
            "0-14": (0.0, 0.0), "15-19": (0.06, 0.08), "20-29": (0.57, 0.61), "30-39": (0.87, 0.68),
            "40-49": (0.90, 0.66), "50-59": (0.87, 0.67), "60-64": (0.73, 0.55), "65-69": (0.58, 0.41),
            "70-79": (0.36, 0.25), "80+": (0.14, 0.09),
        }
    ),
)  # fmt: skip
WORKS_INSIDE = Marginal(
    title="Where the employed work",
    source=ASSUMED,
    columns=("share",),
    rows=MappingProxyType({"in the district": (0.48,), "elsewhere": (0.52,)}),
)
WORKPLACE_LOW = np.array([1, 5, 10, 50, 300, 900])
WORKPLACE = Marginal(
    title="Those who work in the district by the number of its residents at their workplace",
    source=ESTABLISHMENTS,
    columns=("share",),
    rows=MappingProxyType({"1-4": (0.25,), "5-9": (0.15,), "10-49": (0.28,), "50-299": (0.22,), "300-900": (0.10,)}),
)
SECTOR = Marginal(
    title="Workplaces by sector",
    source=ESTABLISHMENTS,
    columns=("share",),
    rows=MappingProxyType(
        {
            "manufacturing": (0.08,), "construction": (0.06,), "retail": (0.25,), "food and lodging": (0.18,),
            "transport": (0.10,), "offices": (0.14,), "public": (0.02,), "education": (0.06,),
            "health and care": (0.05,), "personal services": (0.06,),
        }
    ),
)  # fmt: skip

ELDER_LOW = np.array([65, 70, 75, 80, 85])
ELDER_ROWS = ("65-69", "70-74", "75-79", "80-84", "85+")
CARE_HOME = Marginal(
    title="Older persons who live in a care home or long-stay hospital",
    source=INSURANCE,
    columns=("men", "women"),
    shares=False,
    rows=MappingProxyType(
        dict(
            zip(
                ELDER_ROWS,
                ((0.004, 0.003), (0.008, 0.008), (0.016, 0.021), (0.032, 0.055), (0.075, 0.150)),
                strict=True,
            )
        )
    ),
)
CARE_HOME_RESIDENTS = 55
LONG_TERM_CARE = Marginal(
    title="Older persons with a long-term care grade",
    source=INSURANCE,
    columns=("men", "women"),
    shares=False,
    rows=MappingProxyType(
        dict(
            zip(
                ELDER_ROWS,
                ((0.022, 0.020), (0.040, 0.046), (0.070, 0.105), (0.135, 0.220), (0.280, 0.420)),
                strict=True,
            )
        )
    ),
)
CARE_GRADE = Marginal(
    title="Those with a long-term care grade by grade (1 needs most)",
    source=INSURANCE,
    columns=("share",),
    rows=MappingProxyType(
        {
            "grade 1": (0.049,), "grade 2": (0.087,), "grade 3": (0.272,), "grade 4": (0.451,), "grade 5": (0.115,),
            "cognitive": (0.026,),
        }
    ),
)  # fmt: skip
ADL = Marginal(
    title="Basic activities of daily living that need help (of bathing, dressing, toilet, moving, continence, eating)",
    source=OLDER_PERSONS,
    columns=("activities",),
    shares=False,
    rows=MappingProxyType(
        {
            "grade 1": (6.0,), "grade 2": (5.0,), "grade 3": (3.0,), "grade 4": (2.0,), "grade 5": (1.0,),
            "cognitive": (0.0,), "65 or older without a grade: share with one": (0.04,),
        }
    ),
)  # fmt: skip

CONDITION_LOW = np.array([0, 19, 30, 40, 50, 60, 70, 80])
CONDITION_COLUMNS = ("0-18", "19-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80+")
CONDITION_MEN = Marginal(
    title="Men with a chronic condition, by age",
    source=KNHANES,
    columns=CONDITION_COLUMNS,
    shares=False,
    rows=MappingProxyType(
        {
            "hypertension": (0.001, 0.060, 0.150, 0.270, 0.390, 0.510, 0.620, 0.640),
            "diabetes": (0.001, 0.015, 0.050, 0.120, 0.200, 0.270, 0.300, 0.280),
            "dyslipidaemia": (0.002, 0.080, 0.170, 0.220, 0.270, 0.320, 0.330, 0.280),
            "heart disease": (0.001, 0.002, 0.006, 0.017, 0.045, 0.095, 0.150, 0.180),
            "stroke": (0.0002, 0.0005, 0.001, 0.006, 0.020, 0.045, 0.080, 0.100),
            "lung disease": (0.045, 0.025, 0.022, 0.026, 0.045, 0.090, 0.150, 0.170),
            "kidney disease": (0.001, 0.003, 0.007, 0.015, 0.030, 0.070, 0.150, 0.250),
            "cancer": (0.001, 0.003, 0.007, 0.015, 0.035, 0.085, 0.150, 0.160),
            "arthritis": (0.001, 0.004, 0.010, 0.020, 0.040, 0.075, 0.120, 0.150),
            "depression": (0.012, 0.035, 0.035, 0.034, 0.036, 0.044, 0.058, 0.070),
            "dementia": (0.0, 0.0, 0.0, 0.0, 0.002, 0.012, 0.060, 0.190),
        }
    ),
)
CONDITION_WOMEN = Marginal(
    title="Women with a chronic condition, by age",
    source=KNHANES,
    columns=CONDITION_COLUMNS,
    shares=False,
    rows=MappingProxyType(
        {
            "hypertension": (0.001, 0.015, 0.040, 0.120, 0.270, 0.430, 0.640, 0.740),
            "diabetes": (0.001, 0.010, 0.025, 0.050, 0.110, 0.190, 0.270, 0.300),
            "dyslipidaemia": (0.002, 0.040, 0.070, 0.120, 0.290, 0.430, 0.450, 0.350),
            "heart disease": (0.001, 0.002, 0.004, 0.009, 0.020, 0.055, 0.110, 0.170),
            "stroke": (0.0002, 0.0005, 0.001, 0.004, 0.011, 0.025, 0.055, 0.085),
            "lung disease": (0.035, 0.025, 0.024, 0.028, 0.040, 0.060, 0.090, 0.110),
            "kidney disease": (0.001, 0.003, 0.006, 0.010, 0.020, 0.050, 0.130, 0.260),
            "cancer": (0.001, 0.006, 0.020, 0.045, 0.065, 0.080, 0.090, 0.090),
            "arthritis": (0.001, 0.004, 0.012, 0.035, 0.110, 0.240, 0.380, 0.430),
            "depression": (0.018, 0.075, 0.060, 0.055, 0.062, 0.080, 0.095, 0.100),
            "dementia": (0.0, 0.0, 0.0, 0.0, 0.002, 0.012, 0.075, 0.270),
        }
    ),
)
CONDITION_CORRELATION = 0.35

ELECTRICITY = Marginal(
    title="Electricity of a household by its size, mean of the year's months [kWh a month]",
    source=ENERGY,
    columns=("mean",),
    shares=False,
    rows=MappingProxyType({"1": (165.0,), "2": (235.0,), "3": (290.0,), "4": (325.0,), "5": (365.0,), "6": (400.0,)}),
)
ELECTRICITY_MONTH = Marginal(
    title="Electricity by month, relative to the mean of the year",
    source=ENERGY,
    columns=("index",),
    shares=False,
    rows=MappingProxyType(
        {
            "January": (1.06,), "February": (1.00,), "March": (0.94,), "April": (0.90,), "May": (0.86,),
            "June": (0.91,), "July": (1.12,), "August": (1.38,), "September": (1.05,), "October": (0.87,),
            "November": (0.91,),
            "December": (1.00,),
        }
    ),
)  # fmt: skip
ELECTRICITY_SPREAD = 0.38

ALL: tuple[Marginal, ...] = (
    AGE,
    MALE,
    HOUSEHOLD_SIZE,
    HOUSEHOLD_KIND,
    ALONE_AGE,
    ALONE_MALE,
    ROLE_CHANCE,
    FAMILY,
    DWELLING,
    HOUSEHOLDS_PER_BUILDING,
    BUILT,
    FLOOR,
    INCOME,
    SCHOOL,
    WORK,
    WORKS_INSIDE,
    WORKPLACE,
    SECTOR,
    CARE_HOME,
    LONG_TERM_CARE,
    CARE_GRADE,
    ADL,
    CONDITION_MEN,
    CONDITION_WOMEN,
    ELECTRICITY,
    ELECTRICITY_MONTH,
)
