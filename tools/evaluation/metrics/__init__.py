"""What is measured: rankings, verdicts, robustness to complexity and uncertainty, calibration, translation."""
