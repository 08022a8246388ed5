"""What all tables and sessions share."""
