#!/usr/bin/env python3
"""Draw the art of the badges: a round picture for each family, and the rim of each level.

`tools/draw_badges.py` writes them into zeeguu_gamify/components/static/art/badges: always the same
files, so a change of the art is a change here. The pictures have the file names of docs/contract.md
§4.12; a rim `level-<n>.svg` is laid around one.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi, sin, sqrt
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "zeeguu_gamify/components/static/art/badges"
CREAM, SHADE = "#fffaf0", "#f3e3c8"

#: What a `class` of a drawing stands for. No stylesheet: a host's CSP may refuse one.
LINE = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
CLASSES = {
    'class=""': LINE,
    'class="w"': f'{LINE} stroke-width="5"',
    'class="l"': f'{LINE} stroke="#C" stroke-width="4"',
    'class="t"': f'{LINE} stroke="#C" stroke-width="3.5"',
}

_CUP = """
<path class="" stroke="#fffaf0" stroke-width="6" d="M30 28H18c0 14 5 21 15 23M66 28h12
c0 14-5 21-15 23"/>
<path d="M28 20a3 3 0 0 1 3-3h34a3 3 0 0 1 3 3c1 20-5 36-15 39v8h7a5 5 0 0 1 5 5v4H31v-4
a5 5 0 0 1 5-5h7v-8c-10-3-16-19-15-39z"/>
<path fill="S" d="M58 17h7a3 3 0 0 1 3 3c1 20-5 36-15 39 6-10 7-25 5-42z"/>
<path class="w" stroke="#C" d="PLACE"/>
"""

#: File name → the family's colour, and what is drawn on it in cream; `S` is its shade, `#C` the
#: colour again, darker.
PICTURES = {
    "translated-words": (
        "#4F8EF7",
        """
<g transform="rotate(6 62 58)">
<path fill="S" d="M46 40h26a9 9 0 0 1 9 9v14a9 9 0 0 1-9 9h-2l1 9-11-9H46a9 9 0 0 1-9-9V49
a9 9 0 0 1 9-9z"/>
<path class="l" d="M59 47v4M49 53h20M64.5 53c-1.5 6-7 11-13.5 13.5M53.5 53c1.5 6 7 11 13.5 13.5"/>
</g>
<path d="M25 19h27a9 9 0 0 1 9 9v15a9 9 0 0 1-9 9H38l-12 10 1-10h-2a9 9 0 0 1-9-9V28
a9 9 0 0 1 9-9z"/>
<path class="l" d="M31 45l7.5-19L46 45M33.5 39h10"/>
""",
    ),
    "correct-exercises": (
        "#2FA56B",
        """
<rect x="23" y="18" width="43" height="57" rx="9"/>
<rect x="33" y="13" width="23" height="11" rx="5.5" fill="S"/>
<path class="t" d="M32 36h15M32 47h9"/>
<path class="" stroke="#fffaf0" stroke-width="17" d="M43 58l10 10 22-25"/>
<path class="" stroke="#C" stroke-width="9" d="M43 58l10 10 22-25"/>
""",
    ),
    "completed-audio-lessons": (
        "#8A63D2",
        """
<path class="" stroke="#fffaf0" stroke-width="7" d="M22 57V49a26 26 0 0 1 52 0v8"/>
<rect x="15" y="50" width="17" height="27" rx="8"/>
<rect x="64" y="50" width="17" height="27" rx="8"/>
<rect x="26" y="50" width="6" height="27" rx="3" fill="S"/>
<rect x="64" y="50" width="6" height="27" rx="3" fill="S"/>
<path class="w" stroke="#fffaf0" d="M41 57v8M48 51v20M55 57v8"/>
""",
    ),
    "streak-days": (
        "#F2762E",
        """
<path d="M50 10c3 13 23 22 23 44 0 16-11 27-25 27S23 70 23 55c0-11 6-17 10-25 3 4 4 7 5 11
C44 34 49 24 50 10z"/>
<path fill="#d9521c"
 d="M50 43c2 8 11 11 11 22 0 8-6 13-13 13s-13-5-13-13c0-6 4-9 6-13 2 2 3 4 3 6 3-4 6-9 6-15z"/>
<path fill="S" d="M48.5 61c1 4 5 6 5 11 0 4-2.5 6.5-5.5 6.5s-5.5-2.5-5.5-6.5c0-4 4-6 6-11z"/>
""",
    ),
    "learned-words": (
        "#DE9A12",
        """
<path fill="S" d="M27 47v17c0 7 42 7 42 0V47L48 57z"/>
<path d="M46 24.9a5 5 0 0 1 4 0l33 14.5a3 3 0 0 1 0 5.4L50 59.3a5 5 0 0 1-4 0L13 44.8
a3 3 0 0 1 0-5.4z"/>
<path class="l" d="M48 42c14 2 24 3.5 28 6v15"/>
<circle cx="76" cy="66" r="6" fill="#C"/><circle cx="76" cy="66" r="3" fill="S"/>
<circle cx="48" cy="42" r="3.5" fill="#C"/>
""",
    ),
    "read-articles": (
        "#1F9BB5",
        """
<path fill="S" d="M14 33a5 5 0 0 1 5-5h58a5 5 0 0 1 5 5v38a5 5 0 0 1-5 5H54l-6 4-6-4H19
a5 5 0 0 1-5-5z"/>
<path d="M48 31C41 23 30 21 22 22a3 3 0 0 0-3 3v42a3 3 0 0 0 3 3c10-1 19 1 26 7z"/>
<path d="M48 31c7-8 18-10 26-9a3 3 0 0 1 3 3v42a3 3 0 0 1-3 3c-10-1-19 1-26 7z"/>
<path class="t" d="M27 34c5 0 9 1 13 3.5M27 44c5 0 9 1 13 3.5M27 54c5 0 9 1 13 3.5"/>
<path class="t" d="M69 34c-5 0-9 1-13 3.5M69 44c-5 0-9 1-13 3.5M69 54c-5 0-9 1-13 3.5"/>
<path class="t" d="M48 32v43"/>
""",
    ),
    "friends": (
        "#E0578B",
        """
<circle cx="63" cy="40" r="11" fill="S"/>
<path fill="S" d="M46 76c0-13 7-21 17-21s18 8 18 19a3 3 0 0 1-3 3H46z"/>
<circle cx="36" cy="37" r="13"/>
<path d="M15 74c0-13 9-21 21-21s21 8 21 21a4 4 0 0 1-4 4H19a4 4 0 0 1-4-4z"/>
<path fill="#C" d="M36 74c-7-5-10-8-10-12a5 5 0 0 1 10-1 5 5 0 0 1 10 1c0 4-3 7-10 12z"/>
""",
    ),
    "medal-gold": ("#D99A12", _CUP.replace("PLACE", "M43 30l6-4v20")),
    "medal-silver": ("#8C97A6", _CUP.replace("PLACE", "M41 30c2-6 13-6 13 1 0 5-7 9-13 15h14")),
    "medal-bronze": ("#B0703C", _CUP.replace("PLACE", "M41 27h13l-7 8c8-1 10 11 0 11-3 0-6-1-7-4")),
    "badge": (
        "#B8652A",
        """
<path d="M43.3 18.4a5.2 5.2 0 0 1 9.4 0l6.2 12.9 14.2 1.9a5.2 5.2 0 0 1 2.9 8.9L65.6 52l2.6 14
a5.2 5.2 0 0 1-7.6 5.5L48 64.7l-12.6 6.8a5.2 5.2 0 0 1-7.6-5.5l2.6-14L20 42.1a5.2 5.2 0 0 1 2.9-8.9
l14.2-1.9z"/>
<path class="w" stroke="#C" d="M39 47l6.5 6.5L58 41"/>
""",
    ),
}

#: Each level: light, main and dark of its metal, and how many lobes its edge has.
METALS = (
    ("#f3c29a", "#c9824c", "#8a4f26", 0),  # bronze
    ("#ffffff", "#c3ccd6", "#7f8b99", 12),  # silver
    ("#fff2b0", "#efb92f", "#a8740b", 16),  # gold
    ("#d6fff1", "#4cc7a4", "#14735c", 20),  # jade
    ("#f6e3ff", "#b07df0", "#5c2ea6", 24),  # amethyst
)


def draw() -> dict[str, str]:
    """File name → the SVG."""
    pictures = {f"{name}.svg": picture(*drawn) for name, drawn in PICTURES.items()}
    return pictures | {f"level-{level}.svg": rim(level) for level in range(1, len(METALS) + 1)}


def picture(color: str, drawing: str) -> str:
    """A glyph on a round ground of that colour, 96 by 96."""
    light, dark = mix(color, "#ffffff", 0.28), mix(color, "#1a1030", 0.34)
    for name, attributes in CLASSES.items():
        drawing = drawing.replace(name, attributes)
    ink = mix(color, "#1a1030", 0.3)
    lines = drawing.strip().replace("#C", ink).replace('"S"', f'"{SHADE}"')
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">
<defs>
<radialGradient id="g" cx=".35" cy=".2" r=".95">
<stop offset="0" stop-color="{light}"/><stop offset=".55" stop-color="{color}"/>
<stop offset="1" stop-color="{dark}"/>
</radialGradient>
<filter id="f" x="-20%" y="-20%" width="140%" height="150%">
<feDropShadow dx="0" dy="2.5" stdDeviation="1.5" flood-color="{dark}" flood-opacity=".55"/>
</filter>
<clipPath id="c"><circle cx="48" cy="48" r="44"/></clipPath>
</defs>
<circle cx="48" cy="48" r="46" fill="{dark}"/>
<circle cx="48" cy="48" r="44" fill="url(#g)"/>
<ellipse cx="40" cy="14" rx="46" ry="26" fill="#fff" opacity=".13" clip-path="url(#c)"/>
<circle cx="48" cy="48" r="41" fill="none" stroke="#fff" stroke-opacity=".35" stroke-width="1.5"/>
<g fill="{CREAM}" filter="url(#f)">
<g transform="translate(48 48) scale(.86) translate(-48 -48)">
{lines}
</g>
</g>
</svg>
"""


def rim(level: int) -> str:
    """The rim of a level, 128 by 128, with a hole for a picture and as many stars as the level."""
    light, main, dark, lobes = METALS[level - 1]
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128">
<defs>
<linearGradient id="m" x1=".15" y1="0" x2=".85" y2="1">
<stop offset="0" stop-color="{light}"/><stop offset=".35" stop-color="{main}"/>
<stop offset=".55" stop-color="{light}"/><stop offset=".75" stop-color="{main}"/>
<stop offset="1" stop-color="{dark}"/>
</linearGradient>
<linearGradient id="i" x1=".85" y1="1" x2=".15" y2="0">
<stop offset="0" stop-color="{light}"/><stop offset="1" stop-color="{dark}"/>
</linearGradient>
</defs>
<path fill="{dark}" d="{edge(lobes, 62)}"/>
<path fill="url(#m)" d="{edge(lobes, 60)}"/>
<circle cx="64" cy="64" r="51" fill="none" stroke="url(#i)" stroke-width="3"/>
<circle cx="64" cy="64" r="49.5" fill="{dark}"/>
{"".join(stars(level, light, dark))}</svg>
"""


def edge(lobes: int, radius: float) -> str:
    """A circle, or as wide a one with so many round lobes."""
    if not lobes:
        return f"M64 {n(64 - radius)}a{n(radius)} {n(radius)} 0 1 1-.010 0z"
    step = 2 * pi / lobes
    half, flat = sin(step / 2), 1.06
    inner = radius / (cos(step / 2) + half * (flat - sqrt(flat**2 - 1)))
    points = [at(inner, step * (i - 0.5)) for i in range(lobes)]
    lobe = inner * half * flat
    arcs = "".join(f"A{n(lobe)} {n(lobe)} 0 0 1 {x} {y}" for x, y in [*points[1:], points[0]])
    return f"M{points[0][0]} {points[0][1]}{arcs}z"


def stars(count: int, light: str, dark: str) -> Iterator[str]:
    """So many stars along the lower edge."""
    for i in range(count):
        angle = pi + (i - (count - 1) / 2) * 0.36
        x, y = 64 + 52 * sin(angle), 64 - 52 * cos(angle)
        points = " ".join(
            f"{n(x + r * sin(turn))} {n(y - r * cos(turn))}"
            for k in range(10)
            for r, turn in [(9 if k % 2 == 0 else 4.6, k * pi / 5)]
        )
        yield (
            f'<polygon points="{points}" fill="#fff7dc" stroke="{dark}" stroke-width="3"'
            ' stroke-linejoin="round" paint-order="stroke"/>\n'
        )


def at(radius: float, angle: float) -> tuple[str, str]:
    """The point at that angle from the top, clockwise."""
    return n(64 + radius * sin(angle)), n(64 - radius * cos(angle))


def n(number: float) -> str:
    """A number as the files have it: the same on every machine."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def mix(color: str, other: str, share: float) -> str:
    """The colour with that share of the other."""
    pairs = [(int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def main() -> None:
    """Write the files."""
    HERE.mkdir(parents=True, exist_ok=True)
    for name, text in draw().items():
        (HERE / name).write_text(text)


if __name__ == "__main__":
    main()
