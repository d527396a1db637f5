"""What stands behind the ports: notice channels, payout providers, evidence storage."""
