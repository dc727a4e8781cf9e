"""The words of the model: sanctioning countries, rules, channels, buyers, regions and states.

Every list stands here once, in the order of the kernels' codes, with the label that readers see. A test holds the
kernels to it.
"""

from enum import StrEnum


class Labelled(StrEnum):
    """A word with a label for readers; without one, the word itself."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "Labelled":
        """A member whose value is the word."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member


class Sender(Labelled):
    """Countries that sanction Russia ("senders" in the literature)."""

    US = "US", "United States"
    EU = "EU", "European Union"
    UK = "UK", "United Kingdom"
    CA = "CA", "Canada"
    JP = "JP", "Japan"


class Rule(Labelled):
    """Who must act to lift an instrument."""

    EXECUTIVE = "executive", "the executive alone"
    CODIFIED = "codified", "the executive, after a review by the legislature"
    STATUTE = "statute", "an act of the legislature only"
    UNANIMITY = "unanimity", "all member states unanimously; it lapses unless renewed"
    LAW = "law", "an ordinary legislative act"
    CABINET = "cabinet", "the cabinet, which tends to follow others"


class Channel(Labelled):
    """What an instrument acts on."""

    CRUDE_EU = "crude_eu", "EU oil access"
    BLOCKING = "blocking", "Blocking of producers"
    FLEET = "fleet", "Fleet and services"
    PAYMENT = "payment", "Payments"
    PIPELINE_GAS_EU = "pipeline_gas_eu", "EU pipeline gas access"
    LNG_EU = "lng_eu", "EU LNG access"
    TECHNOLOGY = "technology", "Technology"


class InstrumentState(StrEnum):
    """Legal states of an instrument that a dated event may set."""

    IN_FORCE = "in force"
    LICENSED = "licensed"
    SUSPENDED = "suspended"
    LIFTED = "lifted"


class ReliefRoute(StrEnum):
    """How relief comes, coded from 1; 0 stands for none."""

    DEAL = "deal"
    PRICE = "price"
    INITIATIVE = "initiative"
    LAPSE = "lapse"


class ConflictState(StrEnum):
    """States of the war in Ukraine."""

    WAR = "war"
    PARTIAL_TRUCE = "partial truce"
    CEASEFIRE = "ceasefire"
    SETTLEMENT = "settlement"


class TalksState(StrEnum):
    """States of the talks on a settlement."""

    STALLED = "stalled"
    ACTIVE = "active"
    DRAWN = "drawn"
    """Not known: drawn by the long-run share of talks."""


class GulfState(StrEnum):
    """States of shipping through the Strait of Hormuz."""

    OPEN = "open"
    DISRUPTED = "disrupted"


class GasRoute(StrEnum):
    """Pipeline routes of Russian gas to Europe."""

    TURKSTREAM = "turkstream"
    UKRAINE_TRANSIT = "ukraine_transit"
    YAMAL = "yamal"
    NORD_STREAM = "nord_stream"


class RouteState(StrEnum):
    """States of a pipeline route."""

    CLOSED = "closed"
    OPEN = "open"


class SuspensionState(StrEnum):
    """States of the suspension that the EU gas law provides for."""

    ENDED = "ended"
    DECREED = "decreed"


class BillState(StrEnum):
    """States of the US bill on secondary tariffs."""

    PENDING = "pending"
    LAW = "law"
    DEAD = "dead"


class TariffState(StrEnum):
    """States of a secondary tariff on one buyer."""

    NONE = "none"
    ORDERED = "ordered"
    WAIVED = "waived"
    APPLIED = "applied"


class Buyer(Labelled):
    """Buyers of Russian oil that a secondary tariff may name."""

    CHINA = "China"
    INDIA = "India"
    TURKIYE = "Türkiye"
    EU = "EU", "European Union"
    BRAZIL = "Brazil"
    JAPAN = "Japan"
    KOREA = "Korea", "South Korea"
    OTHER = "Other"

    @property
    def key(self) -> str:
        """The buyer in dotted keys, ``turkiye``."""
        return self.name.lower()


class OilBuyer(StrEnum):
    """Buyers of Russian crude that the oil market tells apart."""

    CHINA = "China"
    INDIA = "India"
    TURKIYE = "Türkiye"
    EU = "EU"
    OTHER = "Other"

    @property
    def key(self) -> str:
        """The buyer in dotted keys, ``turkiye``."""
        return self.name.lower()


class Region(Labelled):
    """Regions of the trade table."""

    US = "US", "United States"
    CHINA = "China"
    INDIA = "India"
    TURKIYE = "Türkiye"
    EU = "EU", "European Union"
    BRAZIL = "Brazil"
    JAPAN = "Japan"
    KOREA = "Korea", "South Korea"
    UK = "UK", "United Kingdom"
    RUSSIA = "Russia", "Russian Federation"
    GULF = "Gulf", "Gulf exporters"
    NEIGHBOURS = "Neighbours", "Canada and Mexico"
    REST = "Rest", "Rest of the World"


class LossSource(StrEnum):
    """Sources of Russian losses, one of which a path believes."""

    GENERAL_STAFF = "general staff"
    UK_MOD = "uk mod"
    CSIS = "csis"
    NAMED_DEAD = "named dead"


class LossDefinition(StrEnum):
    """What a claim of losses may count."""

    KILLED_AND_WOUNDED = "killed and wounded"
    KILLED_ONLY = "killed only"


def pinned_states() -> dict[str, tuple[str, ...]]:
    """What a dated event may set besides an instrument of the register, and to what."""
    return {
        "conflict.state": tuple(ConflictState),
        "gulf.state": tuple(GulfState),
        **{f"gas.{route}": tuple(RouteState) for route in GasRoute},
        "gas.suspension": tuple(SuspensionState),
        "tariffs.bill": tuple(BillState),
        **{f"tariffs.{buyer.key}": tuple(TariffState) for buyer in Buyer},
    }
