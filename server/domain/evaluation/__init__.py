"""Evaluation of customers by profit: points, tiers, lifecycle. Pure and total; all numbers are integers (D-650 to D-664)."""
