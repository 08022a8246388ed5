"""Tests, one folder per depth (style: rules, routes, jobs, tenancy, browser, house)."""
