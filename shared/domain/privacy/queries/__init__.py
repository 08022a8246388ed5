"""Questions about personal data: what each table holds, which rows are a person's."""
