"""A council drawn by public lottery: pools and quotas, fair probabilities, and draws that anybody repeats."""
