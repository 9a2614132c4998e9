"""What a decided case would have become under another version: its facts again, another model.

`stories_of` takes what people and other systems said from the journal; `play` lets the mover walk with it; nothing is
written. Start at `engine.replay.play`.
"""

from engine.replay.ending import Ending
from engine.replay.play import play
from engine.replay.story import Act, Story, decided, read_story, stories_of

__all__ = ["Act", "Ending", "Story", "decided", "play", "read_story", "stories_of"]
