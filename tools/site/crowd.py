"""The picture on the front page: a crowd of which a register and interviewers each see some, drawn so that it can be counted."""

from __future__ import annotations

import random

#: Rows and columns of people.
ROWS, COLUMNS = 8, 20
#: People in the register, people interviewed, and those who are both: 40 / (5 / 20) = 160.
REGISTERED, INTERVIEWED, BOTH = 40, 20, 5
STEP, RADIUS = 26, 7


def picture() -> str:
    """Return the picture as SVG that stands in the page, so that it has the page's colours, dark or light."""
    chosen = random.Random(3).sample(range(ROWS * COLUMNS), REGISTERED + INTERVIEWED - BOTH)
    registered, interviewed = set(chosen[:REGISTERED]), set(chosen[REGISTERED - BOTH :])
    width, height = COLUMNS * STEP, ROWS * STEP
    lines = [
        f'<svg class="crowd" viewBox="0 0 {width} {height}" role="img" aria-labelledby="crowd-says">',
        f'<title id="crowd-says">{ROWS * COLUMNS} people as dots. {REGISTERED} are filled: a register holds them. '
        f"{INTERVIEWED} have a ring: they were interviewed. {BOTH} have both.</title>",
    ]
    for person in range(ROWS * COLUMNS):
        # Rows are shifted a little, as people stand.
        row, column = divmod(person, COLUMNS)
        x, y = column * STEP + STEP / 2 + (row % 2 * 4 - 2), row * STEP + STEP / 2
        kind = "registered" if person in registered else "unseen"
        lines.append(f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{RADIUS}"/>')
        if person in interviewed:
            lines.append(f'<circle class="interviewed" cx="{x:g}" cy="{y:g}" r="{RADIUS + 3.5:g}"/>')
    return "\n".join([*lines, "</svg>", ""])
