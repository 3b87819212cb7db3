"""Cron (pure), the clock and the scheduler."""
