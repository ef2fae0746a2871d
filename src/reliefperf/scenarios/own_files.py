"""The names of what a run folder holds beside its tables."""

RUN_FILE = "run.json"
WORKBOOK = "results.xlsx"
CERTIFICATE = "certificate.json"
FINGERPRINTS = "fingerprints.json"
INPUTS = "inputs"
