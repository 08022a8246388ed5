"""What the texts may say and to whom each event goes; no session, no clock."""
