"""What a run may spend and what things cost: reservations under the ceiling, list prices."""
