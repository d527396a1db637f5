"""What people read and take away: one file per report, with what it says as JSON and as a workbook."""
