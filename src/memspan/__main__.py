"""`python -m memspan` is the command `memspan`."""

from memspan.cli.main import main

if __name__ == "__main__":
    main()
