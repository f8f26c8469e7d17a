from .options import KINDS
from .record_file import FOLDER, RECORD, announce, refuse
from .rehearsal import rehearse
from .run import Run
from .stage import tidied
from .wanted import Wanted

__all__ = ["FOLDER", "KINDS", "RECORD", "Run", "Wanted", "announce", "refuse", "rehearse", "tidied"]
