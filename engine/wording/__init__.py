"""What people mean who ask in their own words: aliases in a text, how Chinese is written and sounds, likeness to what was said.

Pure: lists of the law (`engine.clock.lists`) bring the aliases, sounds and sentences; nothing here knows any of them.
"""

from engine.wording.likeness import Example, Likeness
from engine.wording.meaning import LIKELY, LONGEST, SURE, Found, Wording
from engine.wording.script import Script

__all__ = ["LIKELY", "LONGEST", "SURE", "Example", "Found", "Likeness", "Script", "Wording"]
