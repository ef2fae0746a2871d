"""Results for people: the run folder, the workbook, terminal tables, figures."""
