"""Odd inputs take as long as they take: no test asserts a time, and hypothesis asserts none."""

from hypothesis import HealthCheck, settings

settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")
