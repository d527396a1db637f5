"""The processes, written to be read aloud: start with complaint.py."""
