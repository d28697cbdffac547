"""Hand-ins as strangers make them, written by somebody who had not read the reader."""
