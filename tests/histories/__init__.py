"""Whole lives as Temporal recorded them; replayed by tests/workflows/test_replay.py, recorded anew with `record.py`."""
