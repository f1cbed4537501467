"""The vendors' own specifications are not part of the project: what compares with them runs where they are.

Every fact that these tests rely on is also asserted by tests of our own, which always run.
"""

import pytest

from tests.integrations.notify.messages import CONTRACTS


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves them out where there is nothing to compare with."""
    if CONTRACTS.is_dir():
        return
    left_out = [item for item in items if item.get_closest_marker("contracts")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
