"""What a form declaration is made of: fields, texts that people type, problems, tables of cells."""
