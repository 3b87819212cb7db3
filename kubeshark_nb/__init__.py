"""Run Kubeshark traffic scripts over live or recorded captures, inside Jupyter."""
