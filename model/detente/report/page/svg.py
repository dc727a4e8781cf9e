"""A drawing as it goes into a page: the same picture as the file in the run's folder, in a third of its characters.

Letters become text in a font of just those letters, at the widths of the drawing; styles become classes; paths go in
steps from point to point, to a hundredth of a point, which no screen shows; names, comments and groups that say nothing
go.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as Tree
from xml.sax.saxutils import escape

from detente.report.page import fonts as lettering

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
SILENT = frozenset({"metadata", "title", "desc"})
"""Elements that draw nothing; what they say stands beside the picture in the page."""
GLYPH = re.compile(r"#DejaVuSans(-Bold)?-[0-9a-f]+$")
LIGATURE = re.compile("ffi|ffl|ff|fi|fl")
"""Letters that the font sets as one glyph."""
PLACE = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)(?: rotate\(([-\d.]+)\))? scale\(([\d.]+) -[\d.]+\)$")
ROUNDED = frozenset({"x", "y", "width", "height"})
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")


@dataclass(frozen=True)
class Line:
    """A line of lettering: where it starts, its turn in degrees, its size and width in points."""

    text: str
    bold: bool
    x: float
    y: float
    turn: float
    size: float
    width: float


@dataclass
class _Names:
    """Short names of what is written once: styles, addressed elements, and the letters in use by weight."""

    classes: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    letters: dict[bool, set[str]] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    """Lines of lettering by the identity of their group; none where one of them cannot be set, since outlines are
    shared."""

    def style(self, text: str) -> str:
        return self.classes.setdefault(text, _short(len(self.classes)))

    def id(self, name: str) -> str:
        return self.ids.setdefault(name, _short(len(self.ids)))


def shrink(svg: str) -> str:
    """The same drawing in fewer characters (ParseError if it is none)."""
    root = Tree.fromstring(svg, Tree.XMLParser(target=Tree.TreeBuilder(insert_comments=True)))
    names = _Names(lines=_lines(root))
    body = "".join(_written(root, names))
    size = "".join(f" {key}='{root.get(key)}'" for key in ("width", "height", "viewBox") if root.get(key))
    return f"<svg xmlns='http://www.w3.org/2000/svg'{size}><style>{_style(root, names)}</style>{body}</svg>"


def _style(root: Tree.Element, names: _Names) -> str:
    """The drawing's own rules, the fonts, and a class for each style."""
    rules = [
        "".join((one.text or "").split("\n")).replace(": ", ":").replace("; ", ";") for one in root.iter(f"{SVG}style")
    ]
    for bold, letters in sorted(names.letters.items()):
        source = lettering.font("".join(sorted(letters)), bold)
        weight = "font-weight:700;" if bold else ""
        rules.append(f"@font-face{{font-family:{lettering.FAMILY};{weight}src:url(data:font/woff;base64,{source})}}")
    if names.letters:
        rules.append(f"text{{font-family:{lettering.STACK};white-space:pre}}".replace("'", '"'))
    rules += [f".{name}{{{text}}}" for text, name in names.classes.items()]
    return "".join(rules)


def _lines(root: Tree.Element) -> dict[int, Line]:
    """Every line of lettering in a drawing, by the identity of its group.

    A comment before a group of glyphs holds their text.
    """
    lines: dict[int, Line | None] = {}
    for parent in root.iter():
        said = ""
        for child in parent:
            if _is_comment(child):
                said = html.unescape((child.text or "").strip())
                continue
            if any(GLYPH.match(one.get(XLINK, "")) for one in child):
                lines[id(child)] = spelled(child, said)
            said = ""
    return {key: line for key, line in lines.items() if line} if all(lines.values()) else {}


def _written(parent: Tree.Element, names: _Names) -> Iterator[str]:
    """The children of an element."""
    for child in parent:
        tag = "" if _is_comment(child) else str(child.tag).removeprefix(SVG)
        if not tag or tag.startswith("{") or tag in SILENT or tag == "style":
            continue
        line = names.lines.get(id(child))
        yield _line(line, child, names) if line else _element(tag, child, names)


def _element(tag: str, one: Tree.Element, names: _Names) -> str:
    inner = "".join(_written(one, names))
    attributes = _attributes(tag, one, names)
    if tag in ("g", "defs") and not inner:
        return ""
    if tag == "g" and not attributes:
        return inner
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _attributes(tag: str, one: Tree.Element, names: _Names) -> str:
    parts = []
    for key, value in one.attrib.items():
        if key == "id" and tag == "g":
            continue
        if key == "id":
            parts.append(("id", names.id(value)))
        elif key in (XLINK, "href"):
            parts.append(("href", f"#{names.id(value[1:])}" if value.startswith("#") else value))
        elif key == "style":
            parts.append(("class", names.style(_referring(_colours(value), names))))
        elif key == "clip-path":
            parts.append((key, _referring(value, names)))
        elif key == "d":
            parts.append((key, path(value)))
        elif key in ROUNDED and re.fullmatch(r"-?[\d.]+", value):
            parts.append((key, plain(float(value))))
        elif key == "transform":
            parts.append(
                (
                    key,
                    re.sub(
                        r"(?<=translate\()[^)]*(?=\))",
                        lambda match: " ".join(plain(float(x)) for x in match[0].split()),
                        value,
                    ),
                )
            )
        else:
            parts.append((key, value))
    return "".join(f" {key}='{escape(value, {chr(39): '&#39;'})}'" for key, value in parts)


def _colours(style: str) -> str:
    """A style without its blanks, ``#dddddd`` as ``#ddd``."""
    shorter = style.replace(": ", ":").replace("; ", ";")
    return re.sub(r"#([0-9a-f])\1([0-9a-f])\2([0-9a-f])\3\b", r"#\1\2\3", shorter)


def _referring(text: str, names: _Names) -> str:
    return re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{names.id(match[1])})", text)


def spelled(group: Tree.Element, said: str) -> Line | None:
    """The line of lettering that a group of glyphs spells.

    None for any other group, and for one that the font cannot set.
    """
    place = PLACE.match(group.get("transform", ""))
    glyphs = [one for one in group if one.tag == f"{SVG}use"]
    fonts = {match[1] for one in glyphs if (match := GLYPH.match(one.get(XLINK, "")))}
    if not place or not said or len(fonts) != 1 or any(not GLYPH.match(one.get(XLINK, "")) for one in glyphs):
        return None
    joined = sum(len(ligature) - 1 for ligature in LIGATURE.findall(said))
    if len(glyphs) not in (len(said), len(said) - joined):
        return None
    bold = fonts == {"-Bold"}
    advances = [lettering.advance(letter, bold) for letter in said]
    if None in advances:
        return None
    end = re.search(f"({LIGATURE.pattern})$", said) if len(glyphs) < len(said) else None
    last = sum(advance for advance in advances[-len(end[0]) if end else -1 :] if advance is not None)
    x, y, turn, scale = (float(number or 0.0) for number in place.groups())
    begin = re.match(r"translate\(([-\d.]+) 0\)$", glyphs[-1].get("transform", "translate(0 0)"))
    return Line(said, bold, x, y, turn, 100.0 * scale, scale * (float(begin[1]) + last)) if begin else None


def _line(line: Line, group: Tree.Element, names: _Names) -> str:
    """The line as text.

    Its width is set, so that it ends at the same place in any font of a reader's program.
    """
    if not line.text.strip():
        return ""
    names.letters.setdefault(line.bold, set()).update(line.text)
    style = _colours(group.get("style", ""))
    style += f"{';' if style else ''}font-size:{plain(line.size)}px{';font-weight:700' if line.bold else ''}"
    place = f"x='{plain(line.x)}' y='{plain(line.y)}'"
    if line.turn:
        place = f"transform='translate({plain(line.x)} {plain(line.y)})rotate({plain(line.turn)})'"
    width = f" textLength='{plain(line.width)}'" if len(line.text) > 1 else ""
    return f"<text class='{names.style(style)}' {place}{width}>{escape(line.text)}</text>"


def path(outline: str) -> str:
    """A path in steps from point to point.

    Each place is rounded by itself, so that rounding errors do not accumulate.
    """
    parts, x, y, start, last = [], 0, 0, (0, 0), ""
    for command, text in _COMMAND.findall(outline):
        numbers = [round(100.0 * float(number)) for number in text.split()]
        if command == "z":
            (x, y), steps = start, []
        elif command == "M":
            x, y = start = (numbers[0], numbers[1])
            steps = numbers
        elif command in "LQC":
            steps = [number - (x, y)[k % 2] for k, number in enumerate(numbers)]
            x, y = numbers[-2:]
            command = command.lower()
        else:
            return " ".join(outline.split())
        short = " ".join(plain(step / 100.0) for step in steps).replace(" -", "-")
        repeated = command == last and command in "lqc"
        parts.append((" " if repeated and not short.startswith("-") else "" if repeated else command) + short)
        last = command
    return "".join(parts)


def plain(number: float) -> str:
    """``-.5`` for -0.5: to two decimals, without what says nothing."""
    hundredths = round(100.0 * number)
    text = f"{abs(hundredths) / 100:.2f}".rstrip("0").rstrip(".").removeprefix("0") or "0"
    return f"-{text}" if hundredths < 0 else text


def _short(number: int) -> str:
    """A short name: a, b, … z, a1, b1 and so on."""
    return chr(ord("a") + number % 26) + (str(number // 26) if number >= 26 else "")


def _is_comment(element: Tree.Element) -> bool:
    """Whether a node is a comment, whose tag is a function."""
    return callable(element.tag)
