"""The processes of an author's loop; whoever watches the document starts them."""

import sys

from freshrun.watching.player import main

sys.exit(main(sys.argv[1:]))
