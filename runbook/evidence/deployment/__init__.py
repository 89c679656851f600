"""What a deployed run needs before it deploys anything, as AWS alone tells it."""
