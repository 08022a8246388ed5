"""What stands around every page: navigation, search, home, languages, how values are written."""
