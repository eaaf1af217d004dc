"""Things to work with, to eat from, to wear and to put up. Each function draws one thing on a sketch."""

from __future__ import annotations

from storefront.products.pictures.sketch import Sketch

BLADE, EDGE = "#c9ced0", "#eef1f2"


def knife(s: Sketch) -> None:
    _blade(
        s,
        "M44 282 C120 216 220 204 300 204 L304 262 C220 286 120 290 44 282 Z",
        "M52 281 C130 286 220 282 300 261",
    )


def breadknife(s: Sketch) -> None:
    waves = "".join(" q6 12 12 0 q6 -6 12 0"[1:] for _ in range(10))
    _blade(s, "M40 216 H302 V262 H62 C50 262 40 240 40 216 Z", f"M62 262 {waves}")


def paring(s: Sketch) -> None:
    _blade(
        s,
        "M110 262 C170 216 240 206 302 208 L304 258 C240 272 170 272 110 262 Z",
        "M116 262 C180 270 240 270 300 257",
    )


def _blade(s: Sketch, blade: str, edge: str) -> None:
    s.parts.append('<g transform="rotate(-28 240 240)">')
    s.path(blade, BLADE)
    s.line(edge, EDGE, 5)
    s.rect(298, 202, 18, 62, 4, "#8f9698")
    s.path(
        f"M314 206 H428 C448 206 456 {222 + 10 * s.curve:.0f} 448 262 C444 272 430 268 420 262 L314 258 Z",
        s.wood,
    )
    for x in (338, 376, 414):
        s.add("circle", cx=x, cy=232, r=5 if s.detail else 6, fill=EDGE)
    s.shine("M120 236 C180 218 240 214 290 214", 4)
    s.fine("M326 216 H440 M326 248 H430")
    s.parts.append("</g>")


def board(s: Sketch) -> None:
    s.shadow(414, 150)
    s.rect(96, 84, 288, 328, 18 + 26 * s.curve, s.body)
    s.rect(210, 104, 60, 20, 10, s.palette.ground)
    s.seam("M122 150 H358 V386 H122 Z", 4)
    for step in range(3 + 5 * s.detail):
        x = 118 + step * 244 / (2 + 5 * s.detail)
        s.fine(f"M{x:.0f} 100 C{x + 14:.0f} 200 {x - 14:.0f} 300 {x:.0f} 398", 1.6)
    s.shine("M112 110 V380", 5)


def paddle(s: Sketch) -> None:
    s.shadow(414, 120)
    s.path(f"M218 56 C218 44 262 44 262 56 L266 150 C330 160 356 190 {356 + 14 * s.curve:.0f} 260 C356 376 320 410 240 410 "
           f"C160 410 124 376 {124 - 14 * s.curve:.0f} 260 C124 190 150 160 214 150 Z")  # fmt: skip
    s.add("circle", cx=240, cy=76, r=10, fill=s.palette.ground)
    s.shine("M150 220 C144 280 152 340 176 372", 5)
    s.fine("M190 180 C180 260 186 330 200 396 M240 166 V402 M290 180 C300 260 294 330 280 396", 1.8)


def shears(s: Sketch) -> None:
    s.shadow(424, 96)
    s.path("M232 250 L176 66 C170 54 188 56 192 62 L262 240 Z", BLADE)
    s.path("M248 250 L304 66 C310 54 292 56 288 62 L218 240 Z", EDGE)
    for x in (176, 304):
        s.ellipse(x, 344, 50, 64, "none", stroke=s.palette.main, stroke_width=22)
    s.line("M236 244 L204 292 M244 244 L276 292", s.palette.main, 22)
    s.add("circle", cx=240, cy=240, r=11, fill=s.palette.dark)
    s.shine("M150 310 C140 330 140 360 150 380", 5)
    s.fine("M240 234 V246 M234 240 H246")


def caketin(s: Sketch) -> None:
    s.shadow(364, 164)
    s.path("M78 216 H402 V334 C402 366 78 366 78 334 Z")
    s.ellipse(240, 216, 162, 36, s.palette.dark)
    s.ellipse(240, 222, 146, 28, s.palette.light)
    s.ellipse(240, 344, 176, 22, "none", stroke=s.palette.dark, stroke_width=6)
    s.rect(352, 238, 22, 84, 6, s.palette.accent)
    s.shine("M100 248 V322", 9)
    s.fine("M80 240 C120 272 360 272 400 240 M80 318 C120 350 360 350 400 318")


def loaftin(s: Sketch) -> None:
    s.shadow(366, 182)
    s.path("M50 220 L116 180 H430 L372 220 Z", s.palette.dark)
    s.path("M84 222 L128 194 H402 L362 222 Z", s.palette.light)
    s.path("M50 220 H372 L350 362 H76 Z")
    s.path("M372 220 L430 180 L402 316 L350 362 Z", s.palette.dark)
    s.shine("M76 240 L92 344", 8)
    s.seam("M50 226 H372")
    s.fine("M110 240 L124 350 M210 240 V350 M312 240 L300 350")


def pin(s: Sketch) -> None:
    s.shadow(380, 170)
    s.parts.append('<g transform="rotate(-24 240 240)">')
    s.path(f"M28 240 C60 {206 - 14 * s.curve:.0f} 120 196 240 196 C360 196 420 {206 - 14 * s.curve:.0f} 452 240 "
           "C420 274 360 284 240 284 C120 284 60 274 28 240 Z")  # fmt: skip
    s.shine("M80 222 C140 210 340 210 400 222", 6)
    s.fine(
        "M60 246 C160 258 320 258 420 246 M90 262 C180 272 300 272 390 262 M70 232 C170 226 310 226 410 232",
        1.6,
    )
    s.parts.append("</g>")


def whisk(s: Sketch) -> None:
    s.parts.append('<g transform="rotate(32 240 240)">')
    for spread in (8, 34, 60, 86)[: 2 + s.detail]:
        s.line(f"M240 262 C{240 - spread * 1.5:.0f} 190 {240 - spread:.0f} 60 240 52 "
               f"C{240 + spread:.0f} 60 {240 + spread * 1.5:.0f} 190 240 262", "#9aa1a4", 5 if s.detail < 2 else 4)  # fmt: skip
    s.rect(222, 256, 36, 30, 6, "#8f9698")
    s.rect(220, 282, 40, 164, 18, s.wood)
    s.shine("M232 300 V420", 5)
    s.fine("M246 296 V436 M252 300 V430")
    s.parts.append("</g>")


def plate(s: Sketch) -> None:
    s.shadow(418, 150)
    s.add("circle", cx=240, cy=236, r=176, fill=s.body)
    s.add("circle", cx=240, cy=236, r=118 + 22 * s.curve, fill=s.palette.light)
    s.seam("M240 236 m-118 0 a118 118 0 1 0 236 0 a118 118 0 1 0 -236 0", 3)
    if s.pattern:
        s.add("circle", cx=240, cy=236, r=166, fill="none", stroke=s.palette.dark, stroke_width=5)
    s.shine("M92 190 C112 130 160 92 214 82", 8)
    s.fine("M240 236 m-150 0 a150 150 0 1 0 300 0 a150 150 0 1 0 -300 0")


def deepplate(s: Sketch) -> None:
    s.shadow(352, 150)
    s.path("M52 250 C80 330 150 350 176 352 H304 C330 350 400 330 428 250 Z")
    s.ellipse(240, 250, 188, 60, s.palette.dark)
    s.ellipse(240, 252, 168, 50, s.palette.light)
    s.ellipse(240, 264, 110, 28, s.palette.main, opacity=0.5)
    s.shine("M90 238 C130 212 190 204 236 204", 6)
    s.fine("M130 262 C170 290 310 290 350 262")


def mills(s: Sketch) -> None:
    s.shadow(408, 124)
    for x, fill in ((168, s.body), (312, s.wood)):
        waist = 26 + 14 * s.curve
        s.path(f"M{x - 44} 404 C{x - 48} 340 {x - waist:.0f} 330 {x - waist:.0f} 280 C{x - waist:.0f} 240 {x - 46} 230 {x - 42} 190 "
               f"H{x + 42} C{x + 46} 230 {x + waist:.0f} 240 {x + waist:.0f} 280 C{x + waist:.0f} 330 {x + 48} 340 {x + 44} 404 Z", fill)  # fmt: skip
        s.path(f"M{x - 42} 184 C{x - 44} 130 {x + 44} 130 {x + 42} 184 Z", fill)
        s.add("circle", cx=x, cy=130, r=13, fill="#b9bec0")
        s.shine(f"M{x - 28} 210 C{x - 30} 240 {x - 18} 260 {x - 18} 290", 5)
        s.fine(f"M{x - 40} 188 H{x + 40} M{x - 36} 380 H{x + 36}")


def cutlery(s: Sketch) -> None:
    s.shadow(424, 130)
    s.line("M132 220 V404", s.body if s.detail == 0 else s.palette.main, 18)
    for x in (108, 124, 140, 156):
        s.line(f"M{x} 76 V170", s.palette.main, 8)
    s.path("M104 160 H160 C160 214 148 228 132 232 C116 228 104 214 104 160 Z", s.palette.main)
    s.path("M226 404 V70 C262 84 266 180 252 240 L250 404 C250 414 226 414 226 404 Z")
    s.ellipse(338, 128, 38, 58, s.body)
    s.line("M338 180 V404", s.palette.main, 18)
    s.shine("M320 104 C312 124 314 150 324 164", 5)
    s.fine("M132 300 V396 M338 300 V396 M238 300 V396", 2)


def towel(s: Sketch) -> None:
    s.rect(92, 76, 296, 12, 6, s.palette.accent_dark)
    s.path("M132 82 H348 V398 C312 410 168 410 132 398 Z")
    s.path("M132 82 H240 V372 C204 382 160 380 132 372 Z", s.palette.dark, opacity=0.16)
    stripes = (328, 346, 364) if s.pattern != 3 else (180, 250, 320)
    for y in stripes:
        s.line(f"M134 {y} H346", s.palette.light, 7)
    s.seam("M136 394 C170 404 310 404 344 394")
    _weave(s, 140, 340, 100, 380)


def apron(s: Sketch) -> None:
    s.line("M190 132 C180 40 300 40 290 132", s.palette.dark, 10)
    s.path(
        "M182 128 H298 L306 212 C330 226 356 232 372 236 V408 C330 420 150 420 108 408 V236 C124 232 150 226 174 212 Z"
    )
    s.rect(158, 286, 164, 88, 8 + 14 * s.curve, s.palette.dark, opacity=0.28)
    s.seam("M240 288 V372 M158 296 H322")
    s.line("M108 246 L60 292 M372 246 L420 292", s.palette.dark, 9)
    _weave(s, 120, 360, 240, 404)


def glove(s: Sketch) -> None:
    s.shadow(424, 100)
    s.path(
        "M150 402 V200 C150 80 300 76 306 196 V262 C322 214 372 212 378 250 C380 300 340 350 306 366 V402 Z"
    )
    s.rect(140, 376, 176, 40, 12, s.palette.dark)
    s.line("M228 416 V440", s.palette.dark, 8)
    for step in range(4 + 2 * s.detail):
        y = 140 + step * 220 / (4 + 2 * s.detail)
        s.seam(f"M158 {y + 30:.0f} L298 {y - 20:.0f}", 2)
        s.fine(f"M158 {y - 20:.0f} L298 {y + 30:.0f}", 2)
    s.shine("M172 200 C176 150 200 122 226 118", 7)


def napkin(s: Sketch) -> None:
    s.shadow(392, 150)
    for step, share in enumerate((0.3, 0.18, 0.08, 0.0)):
        y = 352 - 34 * step
        s.path(f"M{76 + 4 * step} {y} L{240} {y - 84} L{404 - 4 * step} {y} L240 {y + 40} Z", s.body)
        s.path(f"M{76 + 4 * step} {y} L240 {y + 40} L{404 - 4 * step} {y} V{y + 14} L240 {y + 54} L{76 + 4 * step} {y + 14} Z",
               s.palette.dark, opacity=0.35 + share)  # fmt: skip
    s.seam("M112 250 L240 190 L368 250 L240 282 Z", 2.5)
    s.fine("M132 250 L240 200 L348 250 L240 274 Z M160 250 L240 212 L320 250 L240 266 Z", 1.5)


def tablecloth(s: Sketch) -> None:
    s.ellipse(240, 180, 190, 54, s.palette.light)
    s.path("M50 180 C60 260 66 330 58 392 C90 408 100 372 126 392 C150 412 168 376 196 396 C224 414 256 414 284 396 "
           "C312 376 330 412 354 392 C380 372 390 408 422 392 C414 330 420 260 430 180 C420 226 60 226 50 180 Z")  # fmt: skip
    s.ellipse(240, 182, 190, 50, "none", stroke=s.palette.dark, stroke_width=3, opacity=0.4)
    s.seam("M126 388 C118 330 122 280 128 226 M240 406 V232 M354 388 C362 330 358 280 352 226", 3)
    s.ellipse(240, 168, 46, 12, s.palette.accent)
    s.fine("M80 372 C180 392 300 392 400 372 M78 360 C180 380 300 380 402 360")


def lamp(s: Sketch) -> None:
    s.line("M240 0 V128", s.palette.accent_dark, 6)
    s.rect(220, 116, 40, 42, 10, s.palette.accent)
    if s.detail:
        s.path("M120 300 L40 470 H440 L360 300 Z", "#fff3cf", opacity=0.32)
    s.path(
        f"M214 156 H266 C{330 + 40 * s.curve:.0f} 176 380 240 384 302 H96 C100 240 {150 - 40 * s.curve:.0f} 176 214 156 Z"
    )
    s.ellipse(240, 302, 144, 20, s.palette.light)
    s.add("circle", cx=240, cy=308, r=28, fill="#ffe9a8")
    s.shine("M128 278 C138 234 166 204 196 188", 8)
    s.fine("M110 288 C160 300 320 300 370 288")


def candle(s: Sketch) -> None:
    s.shadow(406, 90)
    s.path("M240 44 C258 70 262 84 240 100 C218 84 222 70 240 44 Z", "#f0b44c")
    s.rect(224, 104, 32, 158, 6, "#f3e8d2")
    s.line("M240 96 V108", "#4b443c", 4)
    s.path("M204 256 H276 L266 290 H214 Z")
    s.path(
        f"M228 288 H252 V360 C{300 + 20 * s.curve:.0f} 366 320 384 322 402 H158 C160 384 {180 - 20 * s.curve:.0f} 366 228 360 Z"
    )
    s.line("M274 330 C340 316 348 386 300 384", s.palette.dark, 10)
    s.shine("M190 388 C204 376 218 372 230 370", 5)
    s.fine("M212 268 H268 M170 396 H310")


def breadbin(s: Sketch) -> None:
    s.shadow(396, 176)
    s.path(f"M62 234 C62 {200 - 30 * s.curve:.0f} 84 192 110 192 H370 C396 192 418 {200 - 30 * s.curve:.0f} 418 234 V366 C418 386 404 394 390 394 H90 "
           "C76 394 62 386 62 366 Z")  # fmt: skip
    s.rect(54, 172, 372, 36, 12, s.wood)
    s.rect(198, 152, 84, 22, 11, s.palette.accent_dark)
    for x in (364, 380, 396):
        s.add("circle", cx=x, cy=360, r=4, fill=s.palette.dark)
    s.shine("M88 236 V356", 10)
    s.fine("M70 184 H410 M70 196 H410")


def ladle(s: Sketch) -> None:
    s.parts.append('<g transform="rotate(24 240 240)">')
    s.line("M240 300 V78 C240 40 284 40 284 78", s.palette.main if s.detail == 0 else s.palette.dark, 16)
    s.path("M152 300 C152 404 328 404 328 300 Z")
    s.ellipse(240, 300, 88, 22, s.palette.dark)
    s.ellipse(240, 304, 74, 15, s.palette.light)
    s.shine("M174 326 C182 350 200 364 216 368", 7)
    s.fine("M236 100 V280 M244 100 V280")
    s.parts.append("</g>")


def spoon(s: Sketch) -> None:
    s.parts.append('<g transform="rotate(38 240 240)">')
    s.rect(228, 170, 24, 276, 11, s.body)
    s.path(f"M240 34 C{304 + 14 * s.curve:.0f} 40 308 164 252 196 H228 C172 164 176 40 240 34 Z")
    s.ellipse(240, 112, 36, 56, s.palette.dark, opacity=0.45)
    s.shine("M204 80 C198 110 206 146 220 162", 6)
    s.fine("M236 200 V436 M244 200 V436 M232 206 V430", 1.6)
    s.parts.append("</g>")


def _weave(s: Sketch, left: float, right: float, top: float, bottom: float) -> None:
    """Threads of cloth."""
    for step in range(1, 22):
        y = top + (bottom - top) * step / 22
        s.fine(f"M{left:.0f} {y:.0f} H{right:.0f}", 0.8)
