"""When an endpoint is left alone."""

from integrations.circuit_breaker import CircuitBreaker, CircuitLimits, CircuitState


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(CircuitLimits(failures=2, open_s=10.0, longest_hold_s=60.0), clock=clock)


def fail(circuit: CircuitBreaker) -> None:
    assert circuit.admit()
    circuit.failed()


def test_failures_in_a_row_open_it_and_a_success_between_them_counts_anew() -> None:
    circuit = breaker(Clock())
    fail(circuit)
    assert circuit.admit()
    circuit.succeeded()
    fail(circuit)
    assert circuit.admit()
    circuit.failed()
    assert not circuit.admit()
    assert circuit.state is CircuitState.OPEN


def test_one_request_at_a_time_is_tried_and_its_failure_opens_it_again() -> None:
    clock = Clock()
    circuit = breaker(clock)
    fail(circuit)
    fail(circuit)
    clock.now_s += 10.0
    assert circuit.admit()
    assert circuit.state is CircuitState.HALF_OPEN
    assert not circuit.admit()
    circuit.failed()
    assert not circuit.admit()
    clock.now_s += 10.0
    assert circuit.admit()
    circuit.succeeded()
    assert circuit.admit()
    assert circuit.admit()


def test_a_trial_that_was_cancelled_leaves_room_for_the_next() -> None:
    clock = Clock()
    circuit = breaker(clock)
    fail(circuit)
    fail(circuit)
    clock.now_s += 10.0
    assert circuit.admit()
    circuit.let_go()
    assert circuit.admit()


def test_an_endpoint_that_asks_for_time_gets_it_within_reason() -> None:
    clock = Clock()
    circuit = breaker(clock)
    assert circuit.admit()
    circuit.hold(30.0)
    clock.now_s += 29.0
    assert not circuit.admit()
    clock.now_s += 1.0
    assert circuit.admit()
    circuit.hold(1e9)
    clock.now_s += 60.0
    assert circuit.admit()
