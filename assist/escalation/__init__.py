"""Questions to supervisors: raised, routed, timed, answered, and delivered while the customer is still on the line."""
