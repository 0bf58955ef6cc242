"""One report of a study: question and answer, pictures with their tables, methods, failures, sources, commands."""
