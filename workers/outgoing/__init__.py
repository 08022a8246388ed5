"""What leaves the house: mails, chat groups, gateways, webhooks."""
