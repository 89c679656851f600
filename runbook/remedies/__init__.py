"""Steps of a remedy that several checks share: pure functions from evidence to what somebody can paste."""
