"""What the suite proves, and every ID that a failure of it can name. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class FailureClass(StrEnum):
    """Which part of the program a failure accuses; each class has one owner."""

    ISOLATION = "tenant-isolation"
    CORE = "core-algorithm"
    IDEMPOTENCY = "idempotency"
    CONCURRENCY = "concurrency"
    DURABILITY = "durability"
    HARNESS = "harness"


class Suite(StrEnum):
    """Which command runs a scenario: `full` runs those of `smoke` too."""

    SMOKE = "smoke"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Invariant:
    """A statement that always holds. `evidence` names what a diagnostics file shows of it."""

    id: str
    failure_class: FailureClass
    statement: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test of one invariant. `name` is the test function's, without `test_`."""

    id: str
    name: str
    invariant: Invariant
    suite: Suite
    proves: str


ISOLATION = Invariant(
    "INV-ISOLATION",
    FailureClass.ISOLATION,
    "A tenant's session reads and writes the rows of that tenant alone.",
    ("actingTenant", "statement", "rowSecurity"),
)
CONSERVATION = Invariant(
    "INV-CONSERVATION",
    FailureClass.CORE,
    "The units granted are the units of the pool, or all demands where those are fewer.",
    ("claims", "poolUnits", "allocation"),
)
FAIRNESS = Invariant(
    "INV-FAIRNESS",
    FailureClass.CORE,
    "No tenant below its demand could get a unit from one that holds more for its weight.",
    ("claims", "poolUnits", "allocation"),
)
DETERMINISM = Invariant(
    "INV-DETERMINISM",
    FailureClass.CORE,
    "The same claims get the same units, in whatever order they came.",
    ("claims", "poolUnits", "orders"),
)
IDEMPOTENCY = Invariant(
    "INV-IDEMPOTENCY",
    FailureClass.IDEMPOTENCY,
    "An event is counted once, however often it is sent.",
    ("idempotencyKey", "units", "uniqueConstraints"),
)
ATOMICITY = Invariant(
    "INV-ATOMICITY",
    FailureClass.CONCURRENCY,
    "What a transaction checked still holds when it commits.",
    ("results", "waitedForLock"),
)
DURABILITY = Invariant(
    "INV-DURABILITY",
    FailureClass.DURABILITY,
    "What was committed is there after a crash, and nothing else.",
    ("interruption", "settings", "persistence"),
)
DATABASE = Invariant(
    "INV-HARNESS-DATABASE",
    FailureClass.HARNESS,
    "The database answers within 3 seconds.",
    ("address", "error", "seconds"),
)
PRIVILEGES = Invariant(
    "INV-HARNESS-PRIVILEGES",
    FailureClass.HARNESS,
    "The suite's role may create roles and may crash the server.",
    ("address", "role"),
)
EXCLUSIVE = Invariant(
    "INV-HARNESS-EXCLUSIVE",
    FailureClass.HARNESS,
    "Nobody else is connected to the server, which the suite is about to crash.",
    ("address", "sessions"),
)
SCHEMA = Invariant(
    "INV-HARNESS-SCHEMA",
    FailureClass.HARNESS,
    "The schema can be installed, and every table is there afterwards.",
    ("address", "version"),
)
CLOCK = Invariant(
    "INV-HARNESS-CLOCK",
    FailureClass.HARNESS,
    "The clocks of the suite and of the database differ by less than 5 seconds.",
    ("suiteTime", "databaseTime"),
)
VERDICT = Invariant(
    "INV-HARNESS-VERDICT",
    FailureClass.HARNESS,
    "A scenario ends with a verdict on its own invariant.",
    ("scenario", "error", "traceback"),
)

INVARIANTS = (
    ISOLATION, CONSERVATION, FAIRNESS, DETERMINISM, IDEMPOTENCY, ATOMICITY, DURABILITY,
    DATABASE, PRIVILEGES, EXCLUSIVE, SCHEMA, CLOCK, VERDICT,
)  # fmt: skip

NO_VERDICT = Scenario(
    "HAR-006", "any scenario", VERDICT, Suite.SMOKE,
    "A scenario that ends in an error is told apart from one that found a violation.",
)  # fmt: skip

SCENARIOS = (
    Scenario(
        "HAR-001", "database_answers", DATABASE, Suite.SMOKE,
        "The address in DRV_DATABASE_URL leads to a PostgreSQL that takes connections.",
    ),
    Scenario(
        "HAR-002", "role_has_its_privileges", PRIVILEGES, Suite.SMOKE,
        "The role may do what the later scenarios need.",
    ),
    Scenario(
        "HAR-003", "nobody_else_is_connected", EXCLUSIVE, Suite.SMOKE,
        "No other run and no person's session disturbs this run, or is disturbed by it.",
    ),
    Scenario(
        "HAR-004", "schema_is_whole", SCHEMA, Suite.SMOKE,
        "The service's schema installs and is complete.",
    ),
    Scenario(
        "HAR-005", "clocks_agree", CLOCK, Suite.SMOKE,
        "Times in the diagnostics can be compared with times in the server's log.",
    ),
    NO_VERDICT,
    Scenario(
        "ISO-001", "tenant_reads_only_its_own_rows", ISOLATION, Suite.SMOKE,
        "A query without any condition shows a tenant its own events, demands and allocations.",
    ),
    Scenario(
        "ISO-002", "tenant_cannot_write_for_another", ISOLATION, Suite.SMOKE,
        "An event in another tenant's name is refused.",
    ),
    Scenario(
        "ISO-003", "reused_connection_carries_nothing_over", ISOLATION, Suite.FULL,
        "A connection that served one tenant, and failed for it, shows the next tenant nothing.",
    ),
    Scenario(
        "ISO-004", "tenant_cannot_raise_its_allocation", ISOLATION, Suite.FULL,
        "A tenant's role can't write allocations, not even its own.",
    ),
    Scenario(
        "ALLOC-001", "oversubscribed_pool_is_given_out_to_the_last_unit", CONSERVATION,
        Suite.SMOKE, "Shares that are no whole numbers still add up to the pool.",
    ),
    Scenario(
        "ALLOC-002", "shares_follow_the_weights", FAIRNESS, Suite.SMOKE,
        "What a small demand leaves over goes to the others by weight.",
    ),
    Scenario(
        "ALLOC-003", "order_of_arrival_decides_nothing", DETERMINISM, Suite.SMOKE,
        "Equal claims are rounded the same way in every order.",
    ),
    Scenario(
        "ALLOC-004", "random_pools_are_conserved", CONSERVATION, Suite.FULL,
        "Forty pools with random weights and demands are given out exactly.",
    ),
    Scenario(
        "ALLOC-005", "random_pools_are_shared_fairly", FAIRNESS, Suite.FULL,
        "In forty random pools nobody holds a unit too many for its weight.",
    ),
    Scenario(
        "IDEM-001", "repeated_event_is_counted_once", IDEMPOTENCY, Suite.SMOKE,
        "A tenant that sends an event again does not pay twice.",
    ),
    Scenario(
        "IDEM-002", "reused_key_is_refused", IDEMPOTENCY, Suite.SMOKE,
        "A key that comes again with other units changes nothing.",
    ),
    Scenario(
        "IDEM-003", "same_event_from_eight_connections_is_counted_once", IDEMPOTENCY, Suite.FULL,
        "Retries that arrive at the same moment are told apart from new events.",
    ),
    Scenario(
        "CONC-001", "overlapping_events_spend_no_unit_twice", ATOMICITY, Suite.SMOKE,
        "Two events that overlap and fit only one at a time are not both recorded.",
    ),
    Scenario(
        "CONC-002", "overlapping_rebalances_have_revisions_of_their_own", ATOMICITY, Suite.SMOKE,
        "A rebalance sees the one before it, also when both run at once.",
    ),
    Scenario(
        "CONC-003", "storm_of_events_stops_at_the_allocation", ATOMICITY, Suite.FULL,
        "Eight connections at once use exactly what the tenant was allocated.",
    ),
    Scenario(
        "DUR-001", "event_outlives_its_connection", DURABILITY, Suite.SMOKE,
        "A committed event is there after its connection was killed; an open one is not.",
    ),
    Scenario(
        "DUR-002", "event_outlives_a_crash_of_the_server", DURABILITY, Suite.SMOKE,
        "Committed events are there after the server was killed and has recovered.",
    ),
    Scenario(
        "DUR-003", "events_outlive_two_crashes", DURABILITY, Suite.FULL,
        "What was committed after a recovery is there after the next one; what was open is not.",
    ),
)  # fmt: skip

BY_NAME: Mapping[str, Scenario] = MappingProxyType(
    {each.name: each for each in SCENARIOS if each is not NO_VERDICT}
)
"""The scenarios that have a test of their own."""
