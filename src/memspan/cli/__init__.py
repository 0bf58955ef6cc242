"""The command line: one file per command; standard output is data, standard error is the rest."""
