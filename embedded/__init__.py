"""PostgreSQL and Temporal as children of one command: started, waited for, found again after a crash, stopped in order."""
