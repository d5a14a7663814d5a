"""Frontdesk: the self-hosted front desk of a business."""

__version__ = "0.1.0"
