"""Who may enter which tenant as what: people, their proofs, sessions, roles and permissions."""
