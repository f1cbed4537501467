"""`python -m assist` is the command line."""

from assist.cli import main

if __name__ == "__main__":
    main()
