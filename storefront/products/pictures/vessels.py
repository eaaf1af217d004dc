"""Things that hold something: kettles, pots, bowls, mugs, glasses. Each function draws one thing on a sketch."""

from __future__ import annotations

from storefront.products.pictures.sketch import Sketch


def kettle(s: Sketch) -> None:
    s.shadow(402, 140)
    s.line("M150 208 C150 70 330 70 330 208", s.palette.accent_dark, 17)
    s.line("M196 118 C222 104 258 104 284 118", s.palette.accent, 22)
    s.path("M318 300 C362 292 372 246 398 214 L416 222 C402 300 380 344 322 350 Z")
    s.vessel(196, 400, 92, 128, bulge=18 + 40 * s.curve)
    s.ellipse(240, 197, 92, 15, s.palette.dark)
    s.path("M156 192 C168 160 312 160 324 192 Z")
    s.add("circle", cx=240, cy=158, r=13, fill=s.palette.accent)
    s.shine("M150 262 C140 300 142 340 156 366")
    s.seam("M158 197 C170 206 310 206 322 197")
    s.fine("M132 372 C170 388 310 388 348 372 M134 362 C170 378 310 378 346 362")


def teapot(s: Sketch) -> None:
    s.shadow(392, 130)
    s.line("M140 250 C70 236 74 340 148 340", s.palette.dark, 20)
    s.path("M322 330 C378 318 372 240 420 222 L432 240 C404 268 408 352 326 366 Z")
    s.vessel(206, 390, 72, 104, bulge=52 + 30 * s.curve)
    s.path("M166 208 C176 172 304 172 314 208 Z", s.palette.dark if s.detail == 0 else s.body)
    s.add("circle", cx=240, cy=170, r=14, fill=s.palette.accent)
    s.shine("M142 262 C132 296 136 330 154 354")
    s.seam("M166 208 C190 216 290 216 314 208")
    s.fine("M176 382 H304")


def press(s: Sketch) -> None:
    s.shadow(406, 104)
    s.line("M240 80 V150", s.palette.dark, 7)
    s.add("circle", cx=240, cy=76, r=17, fill=s.palette.accent)
    s.line("M332 200 C398 200 398 350 332 350", s.palette.accent_dark, 20)
    s.rect(150, 166, 180, 236, 14, "#dfe9e8", opacity=0.9)
    s.rect(158, 262, 164, 132, 8, "#4a2f22")
    s.rect(154, 246, 172, 16, 5, s.palette.dark)
    for y in (158, 384):
        s.rect(144, y, 192, 24, 8, s.body)
    s.path("M158 158 C170 132 310 132 322 158 Z")
    for x in (152, 316):
        s.rect(x, 170, 12, 226, 4, s.body)
    s.shine("M186 190 V370", 9)
    s.fine("M200 280 H300 M200 310 H300 M200 340 H300")


def dripper(s: Sketch) -> None:
    s.shadow(404, 96)
    s.path("M168 300 H312 L300 396 C298 404 182 404 180 396 Z", "#dfe9e8", opacity=0.9)
    s.path("M176 348 H304 L299 392 C297 400 183 400 181 392 Z", "#4a2f22")
    s.line("M322 200 C392 196 384 268 306 270", s.palette.dark, 16)
    s.rect(148, 282, 184, 20, 9, s.body)
    s.path("M132 168 H348 L268 284 H212 Z")
    s.ellipse(240, 168, 108, 17, s.palette.dark)
    s.ellipse(240, 166, 92, 11, s.palette.light)
    s.shine("M164 190 L214 264")
    s.seam("M200 186 L226 276 M280 186 L254 276")
    s.fine("M220 186 L234 278 M260 186 L246 278")


def mill(s: Sketch) -> None:
    s.shadow(406, 92)
    s.line("M240 128 L338 116", s.palette.dark, 12)
    s.add("circle", cx=340, cy=106, r=18, fill=s.palette.accent)
    s.rect(186, 138, 108, 40, 14, "#b9bec0")
    s.path(f"M178 178 H302 L{312 + 12 * s.curve:.0f} 300 L300 402 H180 L{168 - 12 * s.curve:.0f} 300 Z")
    s.rect(176, 256, 128, 26, 6, s.palette.dark)
    s.shine("M200 192 L194 252")
    s.fine("M220 290 V398 M240 288 V400 M262 290 V398 M222 184 V252 M256 184 V252")


def caddy(s: Sketch) -> None:
    s.shadow(404, 112)
    s.rect(140, 196, 200, 206, 14, s.body)
    s.rect(132, 148, 216, 56, 14, s.palette.dark if s.detail == 0 else s.body)
    s.seam("M134 204 H346")
    s.rect(190, 258, 100, 76, 6, s.palette.light)
    s.line("M240 316 C240 290 256 280 266 274 C266 298 254 308 240 316", s.palette.accent, 5)
    s.shine("M160 222 V380")
    s.fine("M200 268 H280 M200 324 H280")


def pan(s: Sketch) -> None:
    s.shadow(346, 190, 216)
    s.path("M372 268 L456 240 C470 236 474 256 462 262 L380 300 Z", s.wood)
    s.add("circle", cx=450, cy=252, r=5, fill=s.palette.ground)
    s.path("M44 250 C52 330 96 344 132 344 H292 C332 344 376 330 384 250 Z")
    s.ellipse(214, 250, 171, 34, s.palette.dark)
    s.ellipse(214, 253, 152, 27, s.palette.main)
    s.shine("M84 246 C120 232 170 228 214 228")
    s.fine("M110 258 C150 272 280 272 320 258 M130 250 C170 262 260 262 300 250")


def saucepan(s: Sketch) -> None:
    s.shadow(384, 134, 200)
    s.path("M320 244 L446 226 C460 224 462 244 450 248 L322 272 Z", s.wood)
    s.path("M72 222 H328 V352 C328 372 312 382 296 382 H104 C88 382 72 372 72 352 Z")
    s.ellipse(200, 222, 128, 24, s.palette.dark)
    s.ellipse(200, 225, 114, 18, s.palette.main)
    s.shine("M96 256 V346", 9)
    s.seam("M74 244 H326")
    s.fine("M78 356 H322 M78 364 H322")


def casserole(s: Sketch) -> None:
    s.shadow(396, 164)
    for x in (56, 384):
        s.rect(x, 262, 40, 26, 12, s.palette.dark)
    s.path("M84 244 H396 V352 C396 382 372 394 346 394 H134 C108 394 84 382 84 352 Z")
    s.path(f"M76 244 C84 {206 - 40 * s.curve:.0f} 396 {206 - 40 * s.curve:.0f} 404 244 Z")
    s.rect(72, 236, 336, 18, 9, s.palette.dark)
    s.rect(214, 178, 52, 28, 12, s.palette.accent)
    s.shine("M108 276 V352", 9)
    s.shine("M140 226 C180 212 210 210 236 210", 5)
    s.fine("M92 372 C140 384 340 384 388 372")


def stockpot(s: Sketch) -> None:
    s.shadow(408, 136)
    for x in (84, 362):
        s.rect(x, 232, 34, 20, 9, s.palette.dark)
    s.rect(112, 178, 256, 228, 20, s.body)
    s.path("M108 178 C120 138 360 138 372 178 Z")
    s.rect(104, 170, 272, 16, 8, s.palette.dark)
    s.rect(222, 126, 36, 18, 8, s.palette.accent)
    s.shine("M138 204 V376", 10)
    s.seam("M114 214 H366")
    s.fine("M340 250 H362 M340 280 H362 M340 310 H362 M340 340 H362")


def wok(s: Sketch) -> None:
    s.shadow(366, 120)
    s.path("M386 236 L466 196 C478 192 482 208 472 216 L396 266 Z", s.wood)
    s.path("M56 238 C86 340 150 364 190 364 H270 C310 364 374 340 404 238 Z")
    s.ellipse(230, 238, 174, 32, s.palette.dark)
    s.ellipse(230, 241, 156, 25, s.palette.main)
    s.shine("M96 268 C118 314 148 336 174 344")
    s.fine("M120 246 C160 262 300 262 340 246")


def griddle(s: Sketch) -> None:
    s.shadow(372, 174, 206)
    s.rect(362, 268, 104, 24, 12, s.wood)
    s.path("M60 180 H352 L380 350 C380 362 372 366 362 366 H50 C40 366 32 362 32 350 Z")
    s.path("M76 196 H336 L358 340 H54 Z", s.palette.dark)
    for step in range(5 + 3 * s.detail):
        x = 92 + step * 226 / (4 + 3 * s.detail)
        s.line(f"M{x:.0f} 206 L{206 + (x - 206) * 1.12:.0f} 330", s.palette.main, 7 if s.detail < 2 else 5)
    s.shine("M66 190 L46 344", 5)


def bowl(s: Sketch) -> None:
    s.shadow(386, 110)
    s.vessel(222, 384, 156, 74, bulge=26 * s.curve)
    s.ellipse(240, 222, 156, 32, s.palette.dark)
    s.ellipse(240, 226, 141, 24, s.palette.light)
    s.shine("M110 254 C122 304 150 342 176 358", 9)
    s.fine("M176 378 H304 M184 370 H296")


def dish(s: Sketch) -> None:
    s.shadow(352, 160)
    s.path("M60 262 L104 350 H376 L420 262 Z")
    s.ellipse(240, 262, 180, 42, s.palette.dark)
    s.ellipse(240, 264, 160, 33, s.palette.light)
    for step in range(9 + 6 * (s.detail == 2)):
        share = step / (8 + 6 * (s.detail == 2))
        s.seam(
            f"M{72 + 336 * share:.0f} {286 + 16 * (1 - abs(2 * share - 1)):.0f} L{112 + 256 * share:.0f} 346",
            3,
        )
    s.shine("M92 252 C130 232 180 228 220 226", 5)


def jug(s: Sketch) -> None:
    s.shadow(404, 98)
    s.line("M324 206 C404 196 396 350 318 344", s.palette.dark, 19)
    s.vessel(160, 402, 92, 104, bulge=8 + 30 * s.curve)
    s.path("M150 166 C126 160 112 176 108 190 L160 204 Z")
    s.ellipse(240, 160, 92, 17, s.palette.dark)
    s.ellipse(242, 163, 78, 11, s.palette.light)
    s.shine("M160 208 C154 270 154 320 162 370")
    s.fine("M282 220 H316 M290 250 H316 M282 280 H316 M290 310 H316 M282 340 H316")


def mug(s: Sketch) -> None:
    s.shadow(392, 112)
    s.line("M320 226 C412 214 410 346 322 340", s.palette.dark, 22)
    s.vessel(180, 390, 104, 98, bulge=6 + 34 * s.curve, foot=30)
    s.ellipse(240, 180, 104, 19, s.palette.dark)
    s.ellipse(240, 184, 90, 12, "#5a3a28" if s.detail else s.palette.light)
    s.shine("M152 218 C148 270 150 326 160 356", 9)
    s.fine("M172 380 H308")


def tumbler(s: Sketch) -> None:
    s.shadow(396, 88)
    s.path("M152 130 H328 L312 384 C310 396 170 396 168 384 Z", s.palette.main, opacity=0.55)
    s.path("M160 232 H320 L311 372 H169 Z", s.palette.light, opacity=0.8)
    s.path("M169 366 H311 L310 384 C308 394 172 394 170 384 Z", s.palette.dark, opacity=0.6)
    s.ellipse(240, 130, 88, 14, s.palette.light, opacity=0.9)
    s.ellipse(240, 232, 80, 11, "#ffffff", opacity=0.5)
    s.shine("M174 160 L184 350", 10)
    s.fine("M210 150 L216 360 M240 150 V362 M270 150 L264 360")


def wineglass(s: Sketch) -> None:
    s.shadow(410, 76)
    s.path(f"M160 92 H320 C{330 + 24 * s.curve:.0f} 190 308 246 240 250 C172 246 {150 - 24 * s.curve:.0f} 190 160 92 Z",
           s.palette.main, opacity=0.55)  # fmt: skip
    s.path("M157 168 H323 C318 214 292 244 240 246 C188 244 162 214 157 168 Z", "#8c2f3a", opacity=0.75)
    s.line("M240 250 V394", s.palette.dark, 9, opacity=0.6)
    s.ellipse(240, 402, 70, 11, s.palette.main, opacity=0.8)
    s.ellipse(240, 92, 80, 12, s.palette.light, opacity=0.9)
    s.shine("M178 118 C174 160 180 196 196 216", 8)
    s.fine("M238 260 V386")


def carafe(s: Sketch) -> None:
    s.shadow(410, 100)
    s.path("M206 100 H274 L278 190 C340 230 344 290 336 390 C334 406 146 406 144 390 C136 290 140 230 202 190 Z",
           s.palette.main, opacity=0.55)  # fmt: skip
    s.path("M146 288 H334 C338 320 338 350 334 388 C332 400 148 400 146 388 C142 350 142 320 146 288 Z",
           s.palette.light, opacity=0.8)  # fmt: skip
    s.rect(198, 72, 84, 44, 10, s.wood)
    s.ellipse(240, 288, 94, 12, "#ffffff", opacity=0.55)
    s.shine("M168 260 C160 300 160 340 166 372", 9)
    s.fine("M214 120 L212 186 M266 120 L268 186")


def jar(s: Sketch) -> None:
    s.shadow(406, 112)
    s.rect(134, 150, 212, 254, 34, s.palette.main, opacity=0.5)
    s.path("M142 250 H338 V372 C338 390 326 398 312 398 H168 C154 398 142 390 142 372 Z", "#d9b98a")
    s.rect(146, 108, 188, 54, 12, s.wood)
    s.rect(150, 158, 180, 9, 4, s.palette.dark)
    s.shine("M158 190 V366", 10)
    if s.detail == 2:
        for row in range(5):
            for column in range(9):
                s.add("circle", cx=160 + column * 20 + 9 * (row % 2), cy=272 + row * 24, r=7, fill="#c29d68")
    s.fine("M160 126 H320 M160 140 H320")


def bottle(s: Sketch) -> None:
    s.shadow(410, 66)
    s.path("M218 130 H262 V196 C300 216 304 250 302 392 C302 408 178 408 178 392 C176 250 180 216 218 196 Z",
           s.palette.main, opacity=0.6)  # fmt: skip
    s.path("M181 274 H299 C302 310 302 350 300 390 C300 402 180 402 180 390 C178 350 178 310 181 274 Z", "#c9a93a",
           opacity=0.85)  # fmt: skip
    s.path("M224 130 L232 72 C234 64 262 56 270 62 L252 84 L256 130 Z", "#b9bec0")
    s.rect(214, 118, 52, 18, 6, s.wood)
    s.shine("M196 250 V376", 8)
    s.fine("M204 300 H276 M204 352 H276 M204 300 V352 M276 300 V352")


def crock(s: Sketch) -> None:
    s.shadow(410, 108)
    s.line("M196 200 L172 70", s.wood, 13)
    s.ellipse(168, 72, 22, 34, s.wood, transform="rotate(-10 168 72)")
    s.line("M242 200 V90", s.palette.dark, 9)
    s.line("M242 150 C206 110 216 44 242 44 C268 44 278 110 242 150", s.palette.dark, 5)
    s.line("M286 200 L318 84", s.wood, 13)
    s.rect(300, 44, 40, 58, 10, s.wood, transform="rotate(14 320 72)")
    s.vessel(196, 408, 108, 104, bulge=6 + 24 * s.curve)
    s.ellipse(240, 196, 108, 18, s.palette.dark)
    s.shine("M150 234 C146 290 146 340 156 376", 9)
    s.fine("M168 398 H312")
