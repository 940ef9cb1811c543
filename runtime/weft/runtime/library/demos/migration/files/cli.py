"""The command `total FILE`, which prints the total."""

import sys

from report import total

if __name__ == "__main__":
    print(total(sys.argv[1]))
