"""What people type and what a form refuses."""
