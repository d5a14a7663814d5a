"""Tenants, their people and API tokens."""
