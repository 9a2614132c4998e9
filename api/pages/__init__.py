"""Server-rendered pages. They work without scripts; each form carries the id of the command it will give."""
