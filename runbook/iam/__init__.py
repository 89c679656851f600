"""IAM policies, made from the calls that the runbooks declare."""
