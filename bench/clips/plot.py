"""A plot with lines as SVG, for bench/results."""

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 56, 44, 190, 40
COLOURS = ("#0d6e68", "#c97a06", "#6a55c4", "#b3321f")
STEPS = 5


def nice(most):
    """A round number that is not below it."""
    unit = 10 ** (len(str(int(most))) - 1) if most >= 1 else 0.1
    return next(unit * k for k in (1, 2, 5, 10) if unit * k >= most)


def lines(title, xs, series):
    """`series`: a list of values, one for each of `xs`, by name. Both axes begin at 0."""
    most = nice(max(value for values in series.values() for value in values))
    span_x, span_y = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(x, y):
        return f"{LEFT + span_x * x / max(xs):.1f},{TOP + span_y * (1 - y / most):.1f}"

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="24" font-size="15" font-weight="600">{title}</text>']  # fmt: skip
    for i in range(STEPS + 1):
        value = most * i / STEPS
        _, y = at(0, value).split(",")
        out.append(f'<path d="M{LEFT} {y}H{LEFT + span_x}" stroke="#dedbd2"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end" dominant-baseline="middle">{value:g}</text>')
    for x in xs:
        left, _ = at(x, 0).split(",")
        out.append(f'<text x="{left}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x:g}</text>')
    for (name, values), colour in zip(series.items(), COLOURS):
        points = " ".join(at(x, y) for x, y in zip(xs, values))
        _, y = at(xs[-1], values[-1]).split(",")
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        out.extend(f'<circle cx="{point.split(",")[0]}" cy="{point.split(",")[1]}" r="3.5" fill="{colour}"/>' for point in points.split())
        out.append(f'<text x="{LEFT + span_x + 10}" y="{y}" fill="{colour}" dominant-baseline="middle">{name}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
