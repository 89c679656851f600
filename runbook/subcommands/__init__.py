"""What each subcommand does; it returns the exit status. Imports wait until their subcommand runs."""
