"""Draw the avatars: `.venv/bin/python tools/draw_avatars.py` writes an SVG for each animal.

An animal is a portrait of 100 by 100 units, made of shapes in five tones. The colour that a user
chooses is the tone `coat`, from which `<gamify-avatar>` mixes `deep` and `pale`; what a file says
itself are the colours of the default avatar, for pages that show it as a picture. There are no
`style` attributes and no `<style>`, so that the strictest policy of a page allows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "zeeguu_gamify" / "components" / "static" / "art" / "avatars"

TONES = {
    "coat": "#f09000",
    "deep": "#b86e00",
    "pale": "#fff3e0",
    "ink": "#2b2018",
    "shine": "#ffffff",
    "beak": "#ffb84d",
    "rose": "#f4a09a",
}

Shape = str
Drawing = list[Shape]


# --- shapes ------------------------------------------------------------------------------------


def path(tone: str, d: str) -> Shape:
    """A filled outline."""
    return f'<path class="{tone}" fill="{TONES[tone]}" d="{d}"/>'


def ball(tone: str, x: float, y: float, rx: float, ry: float | None = None, turn: int = 0) -> Shape:
    """An ellipse, turned by so many degrees."""
    turned = f' transform="rotate({turn} {x:g} {y:g})"' if turn else ""
    size = f'rx="{rx:g}" ry="{rx if ry is None else ry:g}"'
    return f'<ellipse class="{tone}" fill="{TONES[tone]}" cx="{x:g}" cy="{y:g}" {size}{turned}/>'


def line(tone: str, d: str, width: float = 2.4) -> Shape:
    """A stroke with round ends."""
    return (
        f'<path class="{tone} line" fill="none" stroke="{TONES[tone]}" stroke-width="{width:g}"'
        f' stroke-linecap="round" stroke-linejoin="round" d="{d}"/>'
    )


def both(*shapes: Shape) -> Shape:
    """The shapes, drawn on the left, and their mirror image on the right."""
    drawn = "".join(shapes)
    return f'{drawn}<g transform="matrix(-1 0 0 1 100 0)">{drawn}</g>'


# --- parts that several animals share ----------------------------------------------------------


def bust(tone: str = "coat", chest: str | None = "pale") -> Drawing:
    """Shoulders, which the round frame cuts off."""
    parts = [path(tone, "M16 104C16 84 30 76 50 76S84 84 84 104Z")]
    if chest:
        parts.append(path(chest, "M36 104C36 90 41 82 50 82S64 90 64 104Z"))
    return parts


def eyes(x: float = 37.5, y: float = 50, size: float = 6, iris: str | None = None) -> Shape:
    """Two eyes that look at whoever looks; `x` is that of the left one."""
    ring = iris or "shine"
    pupil = size * (0.6 if iris else 0.76)
    return both(
        ball(ring, x, y, size, size * 1.1),
        ball("ink", x + 0.5, y + 0.3, pupil, pupil * 1.12),
        ball("shine", x + 1.7, y - 1.9, size * 0.27),
    )


def round_ears(x: float = 27, y: float = 30, size: float = 11, inside: str = "deep") -> Shape:
    """Ears of a bear."""
    return both(ball("coat", x, y, size), ball(inside, x + 1, y + 1, size * 0.58))


def pointed_ears(tip: str = "coat", inside: str = "pale") -> Shape:
    """Ears of a fox."""
    return both(
        path(tip, "M21 46C17 30 18 17 22 11C31 15 40 23 45 33Z"),
        path(inside, "M26 38C23.5 30 24 23 26 19.500C31 22.5 35 27 38 32Z"),
    )


def nose(y: float = 62, width: float = 6, tone: str = "ink") -> Shape:
    """A soft triangle, its upper edge at `y`."""
    return path(
        tone,
        f"M{50 - width:g} {y:g}C{50 - width:g} {y - 2.5:g} {50 + width:g} {y - 2.5:g} "
        f"{50 + width:g} {y:g}C{50 + width:g} {y + 3:g} 53 {y + 5.5:g} 50 {y + 5.5:g}"
        f"S{50 - width:g} {y + 3:g} {50 - width:g} {y:g}Z",
    )


def smile(y: float = 67, width: float = 7.5, width_of_line: float = 2.2) -> Shape:
    """Two arcs below the nose, as cats have them."""
    return line(
        "ink",
        f"M{50 - width:g} {y + 2.5:g}C{50 - width + 1:g} {y + 5.5:g} 49.5 {y + 5.5:g} 50 {y:g}"
        f"C50.5 {y + 5.5:g} {50 + width - 1:g} {y + 5.5:g} {50 + width:g} {y + 2.5:g}",
        width_of_line,
    )


def whiskers(y: float = 66, tone: str = "ink") -> Shape:
    """Two on either side."""
    return both(line(tone, f"M33 {y:g}L19 {y - 3:g}M33 {y + 4:g}L20 {y + 6:g}", 1.5))


def muzzle(y: float = 66, rx: float = 15, ry: float = 11.5) -> Shape:
    """A pale snout."""
    return ball("pale", 50, y, rx, ry)


def cat_muzzle(y: float = 67) -> Shape:
    """Two pale cheeks below the nose."""
    return both(ball("pale", 43, y, 9.5, 8.5)) + ball("pale", 50, y + 4, 8, 6.5)


def big_cat(head: Shape, marks: Iterable[Shape], iris: str | None = None) -> Drawing:
    """What lion, tiger, leopard, cheetah and panther have in common."""
    return [
        *bust(),
        round_ears(26, 29, 10.5),
        head,
        *marks,
        cat_muzzle(),
        eyes(iris=iris),
        nose(60, 6),
        smile(65.5, 8),
    ]


HEAD = path("coat", "M50 24C70 24 80 36 80 52C80 70 67 81 50 81S20 70 20 52C20 36 30 24 50 24Z")
SLIM = path("coat", "M50 25C66 25 77 35 76 50C75 66 63 82 50 82S25 66 24 50C23 35 34 25 50 25Z")


# --- the animals -------------------------------------------------------------------------------


def otter() -> Drawing:
    """Small ears low on a wide head, whiskers."""
    return [
        *bust(),
        both(ball("coat", 22, 39, 7.5), ball("deep", 22.5, 39.5, 4)),
        path("coat", "M50 22C70 22 83 34 83 53C83 71 68 80 50 80S17 71 17 53C17 34 30 22 50 22Z"),
        path("pale", "M50 55C62 48 79 54 79 64C77 76 64 80 50 80S23 76 21 64C21 54 38 48 50 55Z"),
        eyes(35, 47, 5.6),
        nose(57, 7.5),
        smile(64, 8),
        whiskers(65),
    ]


def elephant() -> Drawing:
    """Large ears, a trunk, tusks."""
    return [
        *bust("deep", None),
        both(
            path("coat", "M36 30C22 14 3 20 3 42C3 62 16 72 30 65Z"),
            path("rose", "M31 34C22 24 10 28 10 43C10 57 19 63 28 58Z"),
        ),
        path("coat", "M50 20C67 20 76 32 75 48C74 62 64 70 50 70S26 62 25 48C24 32 33 20 50 20Z"),
        path(
            "coat",
            "M39 56C39 49 61 49 61 56C61 70 60 80 61 86C62 92 67 92 70 88C74 92 70 99 62 99"
            "C52 99 49 92 49 84C41 84 39 70 39 56Z",
        ),
        path("coat", "M39 54H61V76C61 86 58 92 50 92S39 86 39 76Z"),
        both(path("shine", "M40 64C34 68 32 75 34 81C37 78 40 74 41.5 68Z")),
        line("deep", "M43.5 66H56.500M43.5 73H56.500M44.5 80H55.5", 2.2),
        eyes(36, 45, 5.6),
    ]


def wolf() -> Drawing:
    """A dark stripe on the forehead, ragged cheeks."""
    return [
        *bust(),
        pointed_ears(inside="deep"),
        path(
            "coat",
            "M50 25C66 25 76 36 78 48L88 58L80 61L84 69L74 70C66 78 58 82 50 82S34 78 26 70"
            "L16 69L20 61L12 58L22 48C24 36 34 25 50 25Z",
        ),
        path("deep", "M50 25C54 25 57 26 58 26.500L54 46L50 54L46 46L42 26.500C43 26 46 25 50 25Z"),
        both(path("pale", "M50 60L44 55C36 53 28 55 24 63L20 68L27 70C34 78 42 82 50 82Z")),
        eyes(36, 49, 5.6),
        nose(62, 6.2),
        smile(68, 7.5),
    ]


def fox() -> Drawing:
    """A pointed face, dark ears, white cheeks."""
    return [
        *bust(),
        pointed_ears(tip="deep", inside="pale"),
        path(
            "coat",
            "M50 27C64 27 76 34 79 46C81 55 88 58 90 61C78 68 64 72 50 84C36 72 22 68 10 61"
            "C12 58 19 55 21 46C24 34 36 27 50 27Z",
        ),
        both(path("pale", "M50 60C43 60 42 52 32 53C23 54 16 60 10 61C22 68 36 72 50 84Z")),
        eyes(36, 49, 5.6),
        nose(70, 5.6),
        line("ink", "M44 79.500C47 81.5 53 81.5 56 79.5", 2),
    ]


def owl() -> Drawing:
    """Tufts, huge eyes, feathers on the chest."""
    return [
        path("coat", "M14 104C12 80 20 66 50 66S88 80 86 104Z"),
        path("pale", "M30 104C30 88 36 78 50 78S70 88 70 104Z"),
        line(
            "deep",
            "M40 88Q43.3 92 46.6 88Q50 92 53.3 88Q56.6 92 60 88M36.5 96"
            "Q41 100 45.5 96Q50 100 54.5 96Q59 100 63.5 96",
            2,
        ),
        path(
            "coat",
            "M18 14C28 18 38 22 50 22S72 18 82 14C84 24 82 32 82 46C82 68 68 80 50 80"
            "S18 68 18 46C18 32 16 24 18 14Z",
        ),
        path("deep", "M18 14C28 18 38 22 50 22S72 18 82 14C82 26 66 32 50 40C34 32 18 26 18 14Z"),
        both(ball("pale", 35, 48, 15)),
        eyes(36, 48, 9.5, iris="beak"),
        path("beak", "M44 57C44 54 56 54 56 57C56 63 53 69 50 70C47 69 44 63 44 57Z"),
    ]


def panther() -> Drawing:
    """A dark snout and golden eyes."""
    forehead = line("deep", "M50 30V40M43 31L45 39M57 31L55 39", 2.4)
    return [
        *bust(chest=None),
        round_ears(26, 29, 10.5),
        HEAD,
        forehead,
        both(ball("deep", 43, 67, 9.5, 8.5)),
        ball("deep", 50, 71, 8, 6.5),
        eyes(37, 49, 6.8, iris="beak"),
        nose(60, 6),
        smile(65.5, 8),
        whiskers(67, "pale"),
    ]


def lion() -> Drawing:
    """A mane."""
    mane = path(
        "deep",
        "M50 8C58 5 64 10 68 12C76 11 82 17 83 24C91 28 94 36 91 43C96 50 96 58 90 64"
        "C91 73 85 80 77 82C72 90 62 93 50 91C38 93 28 90 23 82C15 80 9 73 10 64C4 58 4 50 9 43"
        "C6 36 9 28 17 24C18 17 24 11 32 12C36 10 42 5 50 8Z",
    )
    face = path("coat", "M50 26C66 26 75 37 75 52C75 69 64 80 50 80S25 69 25 52C25 37 34 26 50 26Z")
    return [
        *bust("deep", None),
        mane,
        both(ball("coat", 28, 31, 8.5), ball("rose", 29, 32, 4.5)),
        face,
        cat_muzzle(67),
        eyes(38.5, 50, 5.8),
        nose(60, 6.2),
        smile(65.5, 8),
    ]


def tiger() -> Drawing:
    """Stripes."""
    stripes = [
        path("ink", "M50 24L54 24.500L50 40L46 24.500Z"),
        both(
            path("ink", "M39 26.500L43 25.500L44 37Z"),
            path("ink", "M20 50C26 50 29 51.5 32 54.500C27 55 23 55.5 20.5 56.500Z"),
            path("ink", "M21.5 62C26 61 30 61.5 33 63.500C29 65.5 26 67 24.5 69Z"),
        ),
    ]
    cheeks = both(path("pale", "M30 60C24 64 23 70 30 75C36 80 44 81 50 81V64Z"))
    return big_cat(HEAD, [cheeks, *stripes])


def bear() -> Drawing:
    """Round pale ears and a big snout."""
    return [
        *bust(),
        round_ears(25, 29, 12.5, "pale"),
        HEAD,
        muzzle(67, 16.5, 12.5),
        eyes(36, 49, 5.6),
        nose(60, 7.2),
        smile(66.5, 7.5),
    ]


def eagle() -> Drawing:
    """A stern brow and a hooked beak."""
    return [
        path("coat", "M10 104C10 84 26 72 50 72S90 84 90 104Z"),
        ball("coat", 50, 46, 37, 36),
        path(
            "pale",
            "M50 16C54 10 60 12 58 17C72 19 81 31 81 46C81 58 84 66 80 74L73 71L71 81L62 77"
            "L57 87L50 80L43 87L38 77L29 81L27 71L20 74C16 66 19 58 19 46C19 31 30 18 46 17"
            "C46 15 48 14 50 16Z",
        ),
        both(path("coat", "M23 36C30 35 38 38 46 45C38 43 29 42 22 44Z")),
        eyes(36, 47, 6, iris="beak"),
        path(
            "beak",
            "M37 57C37 50 43 47 50 47S63 50 63 57C63 62 58 63 56 66C54 70 53 76 50 80"
            "C47 76 46 70 44 66C42 63 37 62 37 57Z",
        ),
        line("ink", "M40 59C45 63 55 63 60 59", 2),
        both(ball("ink", 45.5, 54, 1.5)),
    ]


def rabbit() -> Drawing:
    """Long ears, two teeth."""
    return [
        *bust(),
        both(
            ball("coat", 36, 22, 9, 23, -9),
            ball("rose", 36, 24, 4.6, 17, -9),
        ),
        path("coat", "M50 34C68 34 79 44 79 58C79 74 66 83 50 83S21 74 21 58C21 44 32 34 50 34Z"),
        path(
            "shine",
            "M45.5 74H49.500V80C49.5 82 45.5 82 45.5 80ZM50.5 74H54.500V80"
            "C54.5 82 50.5 82 50.5 80Z",
        ),
        both(ball("pale", 42.5, 70.5, 9, 7)),
        eyes(36, 55, 6),
        path(
            "rose", "M45.5 64C45.5 62 54.5 62 54.5 64C54.5 66.5 52 68.5 50 68.5S45.5 66.5 45.5 64Z"
        ),
        smile(68.5, 7),
        whiskers(70),
    ]


def deer() -> Drawing:
    """Antlers, wide ears, white spots."""
    return [
        *bust(),
        both(
            line("deep", "M40 32C36 24 35 16 37 7M37 20C32 18 29 14 28 9M36 13L42 8", 4),
            path("coat", "M34 41C24 28 12 28 5 33C8 44 20 52 33 50Z"),
            path("rose", "M31 43C24 35 16 33 11 35C14 41 22 46 31 47Z"),
        ),
        path(
            "coat",
            "M50 28C64 28 73 37 72 50C71 58 66 64 65 70C63 79 58 85 50 85S37 79 35 70"
            "C34 64 29 58 28 50C27 37 36 28 50 28Z",
        ),
        ball("pale", 50, 75, 13, 9.5),
        both(ball("pale", 44, 36, 2.2), ball("pale", 40, 41, 1.6)),
        ball("pale", 50, 33, 1.8),
        eyes(37, 53, 5.8),
        nose(69.5, 6.2),
        smile(75, 6.5),
    ]


def leopard() -> Drawing:
    """Rosettes."""

    def rosette(x: float, y: float, size: float) -> Shape:
        return ball("ink", x, y, size) + ball("deep", x + 0.3, y + 0.3, size * 0.5)

    spots = [
        rosette(50, 32, 3.6),
        both(
            rosette(40, 30.5, 3.2), rosette(43, 39, 2.8), rosette(31, 37, 3), rosette(25.5, 47, 3)
        ),
        both(rosette(25.5, 58, 3), rosette(31, 66, 2.8)),
    ]
    return big_cat(HEAD, spots)


def cheetah() -> Drawing:
    """Dots, and tears beside the nose."""
    dots = [
        ball("ink", 50, 32, 1.9),
        both(
            ball("ink", 43, 34, 1.9),
            ball("ink", 46.5, 40, 1.7),
            ball("ink", 37, 37.5, 1.8),
            ball("ink", 31, 43, 1.8),
            ball("ink", 27.5, 51, 1.8),
            ball("ink", 28.5, 59, 1.8),
            ball("ink", 32, 66, 1.8),
        ),
    ]
    tears = both(line("ink", "M42.5 55C44 59.5 42.5 63.5 39.5 67.5", 3))
    return [
        *bust(),
        both(ball("coat", 29, 30, 9), ball("deep", 30, 31, 5)),
        SLIM,
        *dots,
        cat_muzzle(67),
        tears,
        eyes(38, 49, 5.8),
        nose(60, 6),
        smile(65.5, 6),
    ]


def badger() -> Drawing:
    """A pale face with two stripes."""
    return [
        *bust(),
        both(ball("coat", 24, 32, 8), ball("pale", 24.5, 32.5, 4)),
        path("pale", "M50 24C68 24 79 36 80 50C81 64 66 84 50 84S19 64 20 50C21 36 32 24 50 24Z"),
        both(
            path(
                "coat",
                "M44 25C33 26 25 33 22 43C21 51 25 57 29 62C33 66 39 66 42 60C45 52 44.5 36 44 25Z",
            )
        ),
        eyes(35.5, 50, 5.6),
        nose(69, 6.6),
        smile(75, 6.5),
    ]


def beaver() -> Drawing:
    """Two large teeth under a wide nose."""
    return [
        *bust(),
        round_ears(25, 31, 8.5),
        path(
            "coat",
            "M50 22C68 22 78 33 79 46C88 56 84 78 66 80C60 81 40 81 34 80C16 78 12 56 21 46"
            "C22 33 32 22 50 22Z",
        ),
        path(
            "shine",
            "M43.5 72H49.600V84C49.6 86.5 43.5 86.5 43.5 84ZM50.4 72H56.500V84"
            "C56.5 86.5 50.4 86.5 50.4 84Z",
        ),
        both(ball("pale", 41, 67, 10.5, 8.5)),
        eyes(36, 47, 5.6),
        nose(57, 7.5),
        smile(64, 9),
        both(ball("deep", 34, 67, 1.1), ball("deep", 37.5, 70.5, 1.1), ball("deep", 38, 65, 1.1)),
    ]


def lynx() -> Drawing:
    """Black tufts on the ears, a ruff."""
    return [
        *bust(),
        both(
            path("coat", "M22 48C18 34 19 24 22 17C31 20 40 26 45 34Z"),
            path("pale", "M26 40C24 33 24.5 27 26 24C31 26 35 29 38 33Z"),
            path("ink", "M20 26C17 16 17 9 19 3C22 8 26 13 28 20Z"),
        ),
        path(
            "coat",
            "M50 26C66 26 77 36 78 49L87 60L81 62L88 73L77 73L76 80C66 78 58 82 50 82"
            "S34 78 24 80L23 73L12 73L19 62L13 60L22 49C23 36 34 26 50 26Z",
        ),
        both(path("pale", "M32 60C27 64 22 68 20 72L24 73L25 79C34 77 42 82 50 82V64Z")),
        line("ink", "M50 30V37M43.5 31.500L45.5 37.500M56.5 31.500L54.5 37.5", 2.4),
        cat_muzzle(67),
        eyes(37.5, 50, 5.8),
        nose(60.5, 6),
        smile(66, 7.5),
    ]


def moose() -> Drawing:
    """Broad antlers, a long snout."""
    return [
        *bust("deep", None),
        both(
            path(
                "deep",
                "M43 33C35 35 28 34 23 31C16 32 10 28 8 21C11 23 14 24 16 23.5C13 19 13 14 16 10"
                "C17 14 19 17 22 18C21 13 23 8 27 6C27 11 28 15 30 18C32 15 35 13 38 12"
                "C37 17 37 22 44 27Z",
            ),
            path("coat", "M35 45C27 39 19 40 15 45C19 52 28 55 35 52Z"),
            path("rose", "M33 46.5C28 43 22 43 19 45.5C22 49 28 51 33 50Z"),
        ),
        path(
            "coat",
            "M50 28C62 28 69 36 69 47C69 56 68 59 69 65C72 79 66 92 50 92S28 79 31 65"
            "C32 59 31 56 31 47C31 36 38 28 50 28Z",
        ),
        path("deep", "M50 64C61 61 69 67 69 76C69 86 62 92 50 92S31 86 31 76C31 67 39 61 50 64Z"),
        both(ball("ink", 42, 73, 2.6, 3.6, 20)),
        line("ink", "M42 83C46 86 54 86 58 83", 2.4),
        eyes(39.5, 50, 5.6),
    ]


ANIMALS: tuple[Callable[[], Drawing], ...] = (
    otter, elephant, wolf, fox, owl, panther, lion, tiger, bear, eagle,
    rabbit, deer, leopard, cheetah, badger, beaver, lynx, moose,
)  # fmt: skip


def files() -> dict[str, str]:
    """The name of each file and what is in it; always the same."""
    return {f"{animal.__name__}.svg": _file(animal()) for animal in ANIMALS}


def _file(drawing: Drawing) -> str:
    shapes = "\n".join(drawing)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">\n{shapes}\n</svg>\n'


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
