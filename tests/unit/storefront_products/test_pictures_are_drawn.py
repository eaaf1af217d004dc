from __future__ import annotations

from xml.etree import ElementTree

import pytest

from storefront.products.options import COLOURS, paint
from storefront.products.pictures.draw import DETAIL, SHAPES, Picture, draw
from storefront.products.pictures.sketch import mix


@pytest.mark.parametrize("width", DETAIL)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_sound_svg_in_each_size(shape, width):
    root = ElementTree.fromstring(draw(Picture(shape, paint("sage"), 0.5, 3, "stoneware"), width))
    assert root.get("width") == str(width)
    assert root.get("viewBox") == "0 0 480 480"


def test_a_larger_picture_shows_more():
    for shape in SHAPES:
        small, middle, large = (
            len(draw(Picture(shape, paint("oak"), 0.5, 1, "oak"), width)) for width in (160, 480, 960)
        )
        assert small < middle < large, shape


def test_each_colour_is_another_picture():
    drawn = {draw(Picture("mug", paint(colour), 0.5, 0, "porcelain"), 480) for colour in COLOURS}
    assert len(drawn) == len(COLOURS)


def test_the_same_thing_is_drawn_the_same_way():
    picture = Picture("kettle", paint("ember"), 0.3, 2, "enamel")
    assert draw(picture, 960) == draw(picture, 960)


def test_a_width_that_there_is_not_is_not_drawn():
    with pytest.raises(KeyError):
        draw(Picture("mug", paint("ember"), 0.5, 0, "porcelain"), 500)


def test_colours_are_mixed_channel_by_channel():
    assert mix("#000000", "#ff8000", 0.5) == "#804000"


def test_an_unknown_colour_has_a_paint_too():
    assert paint("nobody's") == "#a39a8e"
