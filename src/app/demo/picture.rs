//! Small drawn pictures in place of photographs: a landscape with what is being built, at three stages of the work.

use std::io::Cursor;
use std::sync::OnceLock;

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

use crate::app::demo::content::Scene;

/// Width and height in pixels.
const SIZE: (u32, u32) = (480, 300);
/// Where the ground begins.
const HORIZON: i64 = 170;
/// Quality of the JPEG, of 100.
const QUALITY: u8 = 72;
/// Stages of a work: begun, half done, done.
pub const STAGES: usize = 3;
const SCENES: usize = 13;

type Colour = [u8; 3];

const STONE: Colour = [150, 148, 142];
const ASPHALT: Colour = [92, 94, 98];
const EARTH: Colour = [168, 132, 92];
const WHITE: Colour = [244, 242, 236];
const WALL: Colour = [232, 222, 204];
const TILE: Colour = [96, 84, 82];
const RED: Colour = [178, 58, 46];
const SUN: Colour = [238, 188, 84];
const WATER: Colour = [112, 160, 182];
const LEAF: Colour = [84, 128, 78];
const DARK: Colour = [58, 62, 68];

/// The picture of a scene at a stage, 0 to 2, as JPEG bytes. Drawn once, then kept.
#[must_use]
pub fn picture(scene: Scene, stage: usize) -> &'static [u8] {
    static DRAWN: [OnceLock<Vec<u8>>; SCENES * STAGES] = [const { OnceLock::new() }; SCENES * STAGES];
    let stage = stage.min(STAGES - 1);
    DRAWN[scene as usize * STAGES + stage].get_or_init(|| encode(&draw(scene, stage)))
}

fn encode(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    // Writing to memory does not fail, and the size is fixed.
    let _ = image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY));
    bytes.into_inner()
}

struct Canvas(RgbImage);

impl Canvas {
    fn rect(&mut self, x: i64, y: i64, width: i64, height: i64, colour: Colour) {
        for row in y..y + height {
            for column in x..x + width {
                self.dot(column, row, colour);
            }
        }
    }

    fn dot(&mut self, x: i64, y: i64, colour: Colour) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
        if x < SIZE.0 && y < SIZE.1 {
            self.0.put_pixel(x, y, Rgb(colour));
        }
    }

    fn disc(&mut self, x: i64, y: i64, radius: i64, colour: Colour) {
        for row in -radius..=radius {
            for column in -radius..=radius {
                if row * row + column * column <= radius * radius {
                    self.dot(x + column, y + row, colour);
                }
            }
        }
    }

    /// A shape between a top and a bottom edge, both horizontal; each edge from left to right.
    fn band(&mut self, top: (i64, i64, i64), bottom: (i64, i64, i64), colour: Colour) {
        let height = (bottom.0 - top.0).max(1);
        for row in 0..=height {
            let at = |a: i64, b: i64| a + (b - a) * row / height;
            self.rect(at(top.1, bottom.1), top.0 + row, at(top.2, bottom.2) - at(top.1, bottom.1), 1, colour);
        }
    }

    fn house(&mut self, x: i64, y: i64, width: i64, height: i64, roof: bool) {
        self.rect(x, y - height, width, height, WALL);
        for window in 0..width / 28 {
            self.rect(x + 8 + window * 28, y - height + 12, 12, 14, ASPHALT);
        }
        self.rect(x + width / 2 - 7, y - 26, 14, 26, TILE);
        if roof {
            self.band((y - height - 24, x + 14, x + width - 14), (y - height, x - 8, x + width + 8), TILE);
        }
    }

    fn tree(&mut self, x: i64, y: i64) {
        self.rect(x - 2, y - 22, 5, 22, TILE);
        self.disc(x, y - 32, 15, LEAF);
        self.disc(x - 10, y - 24, 10, LEAF);
        self.disc(x + 10, y - 24, 10, LEAF);
    }

    fn cone(&mut self, x: i64, y: i64) {
        self.band((y - 18, x - 2, x + 2), (y, x - 8, x + 8), RED);
        self.rect(x - 5, y - 11, 10, 3, WHITE);
    }

    fn scaffold(&mut self, x: i64, y: i64, width: i64, height: i64) {
        for pole in 0..=width / 24 {
            self.rect(x + pole * 24, y - height, 2, height, SUN);
        }
        for level in 0..=height / 24 {
            self.rect(x, y - level * 24, width, 2, SUN);
        }
    }
}

fn landscape(scene: Scene) -> Canvas {
    let mut canvas = Canvas(RgbImage::new(SIZE.0, SIZE.1));
    let shift = scene as i64 * 37;
    for y in 0..i64::from(SIZE.1) {
        let fade = u8::try_from((y / 4).clamp(0, 60)).unwrap_or(0);
        let sky = [176 + fade, 206 + fade / 2, 222];
        let ground = [148 + fade / 3, 172, 118];
        canvas.rect(0, y, i64::from(SIZE.0), 1, if y < HORIZON { sky } else { ground });
    }
    for (step, colour) in [(0, [142, 172, 168]), (1, [112, 150, 134]), (2, [92, 134, 104])] {
        for x in 0..i64::from(SIZE.0) {
            // Two parabolas in turn make a line of hills without any table.
            let wave = |period: i64, height: i64| {
                let at = (x + shift * (step + 1)).rem_euclid(period) - period / 2;
                height - at * at * height * 4 / (period * period)
            };
            let top = HORIZON - 12 - wave(260 - step * 50, 62 - step * 18) - wave(97, 10);
            canvas.rect(x, top, 1, HORIZON - top, colour);
        }
    }
    canvas.disc(400 - shift % 90, 44, 20, SUN);
    canvas
}

fn draw(scene: Scene, stage: usize) -> RgbImage {
    let mut canvas = landscape(scene);
    let done = stage + 1 == STAGES;
    match scene {
        Scene::Road => road(&mut canvas, stage),
        Scene::Lamp => lamps(&mut canvas, stage),
        Scene::Bridge => bridge(&mut canvas, stage),
        Scene::Village => village(&mut canvas, stage),
        Scene::Hall | Scene::Canteen | Scene::Clinic => hall(&mut canvas, scene, stage),
        Scene::River => river(&mut canvas, stage),
        Scene::Field => field(&mut canvas, stage),
        Scene::Factory => factory(&mut canvas, stage),
        Scene::House => houses(&mut canvas, stage),
        Scene::Tower => tower(&mut canvas, stage),
        Scene::Works => works(&mut canvas, stage),
    }
    if !done {
        canvas.cone(40, 280);
        canvas.cone(70, 288);
    }
    canvas.0
}

fn road(canvas: &mut Canvas, stage: usize) {
    canvas.band((HORIZON, 226, 254), (300, 120, 400), EARTH);
    let from = [300, 232, HORIZON][stage];
    let edge = |a: i64, b: i64| a + (b - a) * (from - HORIZON) / (300 - HORIZON);
    if stage > 0 {
        canvas.band((from, edge(226, 120), edge(254, 400)), (300, 120, 400), STONE);
    }
    if stage + 1 == STAGES {
        for dash in 0..6 {
            canvas.rect(239 + dash * 3, HORIZON + 8 + dash * 20, 3 + dash, 10, WHITE);
        }
    }
    canvas.house(30, 200, 90, 46, true);
    canvas.tree(430, 210);
    canvas.tree(180, 190);
}

fn lamps(canvas: &mut Canvas, stage: usize) {
    canvas.band((HORIZON, 200, 290), (300, 60, 470), STONE);
    for lamp in 0..[1, 3, 5][stage] {
        let (x, y) = (110 + lamp * 70, 236 - lamp * 10);
        canvas.rect(x, y - 110, 4, 110, DARK);
        canvas.rect(x, y - 110, 30, 3, DARK);
        canvas.rect(x - 12, y - 122, 24, 8, [58, 82, 128]);
        canvas.disc(x + 28, y - 104, 6, SUN);
    }
    canvas.house(370, 210, 84, 50, true);
}

fn bridge(canvas: &mut Canvas, stage: usize) {
    canvas.band((HORIZON + 30, 0, 480), (300, 0, 480), WATER);
    for pier in 0..2 {
        canvas.rect(150 + pier * 160, 208, 20, 70, STONE);
    }
    let width = [170, 330, 480][stage];
    canvas.rect(0, 194, width, 16, STONE);
    if stage + 1 == STAGES {
        canvas.rect(0, 172, 480, 4, WHITE);
        for post in 0..20 {
            canvas.rect(post * 25, 172, 3, 22, WHITE);
        }
    } else {
        canvas.rect(width, 130, 6, 76, SUN);
        canvas.rect(width - 60, 130, 66, 4, SUN);
    }
    canvas.tree(40, 186);
}

fn village(canvas: &mut Canvas, stage: usize) {
    for (index, x) in [30, 150, 280, 380].into_iter().enumerate() {
        let drop = if index % 2 == 0 { 0 } else { 24 };
        canvas.house(x, 226 + drop, 84, 48, true);
        if index > stage {
            canvas.scaffold(x, 226 + drop, 84, 60);
        }
    }
    canvas.band((262, 0, 480), (300, 0, 480), STONE);
    canvas.tree(130, 214);
    canvas.tree(260, 220);
}

fn hall(canvas: &mut Canvas, scene: Scene, stage: usize) {
    let colour = match scene {
        Scene::Clinic => WHITE,
        Scene::Canteen => [222, 190, 140],
        _ => WALL,
    };
    canvas.rect(110, 130, 260, 116, colour);
    canvas.band((92, 150, 330), (132, 90, 390), if stage == 0 { EARTH } else { TILE });
    for window in 0..5 {
        canvas.rect(130 + window * 48, 152, 26, 34, ASPHALT);
    }
    canvas.rect(216, 200, 48, 46, RED);
    if stage > 0 {
        canvas.rect(180, 138, 120, 10, RED);
    }
    if scene == Scene::Clinic {
        canvas.rect(232, 100, 16, 4, RED);
        canvas.rect(238, 94, 4, 16, RED);
    }
    if stage < 2 {
        canvas.scaffold(110, 246, if stage == 0 { 260 } else { 120 }, 116);
    }
    canvas.tree(60, 246);
    canvas.tree(430, 250);
}

fn river(canvas: &mut Canvas, stage: usize) {
    canvas.band((HORIZON, 200, 300), (300, 40, 460), WATER);
    for stone in 0..[4, 9, 14][stage] {
        canvas.disc(300 + stone * 12, 186 + stone * 8, 7, STONE);
        canvas.disc(196 - stone * 12, 186 + stone * 8, 7, STONE);
    }
    canvas.tree(380, 196);
    canvas.tree(120, 196);
}

fn field(canvas: &mut Canvas, stage: usize) {
    for row in 0..9 {
        let green = row < [2, 5, 9][stage];
        canvas.rect(20, 186 + row * 12, 440, 8, if green { LEAF } else { EARTH });
    }
    canvas.rect(236, 180, 6, 120, STONE);
    canvas.house(376, 190, 60, 34, true);
}

fn factory(canvas: &mut Canvas, stage: usize) {
    canvas.rect(70, 140, 320, 110, [206, 212, 214]);
    for tooth in 0..4 {
        canvas.band((112, 70 + tooth * 80, 76 + tooth * 80), (140, 70 + tooth * 80, 150 + tooth * 80), [120, 140, 160]);
    }
    for window in 0..[2, 5, 7][stage] {
        canvas.rect(90 + window * 42, 164, 28, 22, ASPHALT);
    }
    canvas.rect(206, 206, 48, 44, TILE);
    if stage < 2 {
        canvas.scaffold(250, 250, 140, 110);
    }
}

fn houses(canvas: &mut Canvas, stage: usize) {
    for plot in 0..3_i64 {
        let x = 50 + plot * 140;
        canvas.rect(x - 14, 250, 116, 6, STONE);
        match (stage, plot) {
            (0, 0) | (1, 2) => canvas.rect(x, 236, 88, 14, STONE),
            (0, _) => canvas.cone(x + 40, 250),
            (1, _) => {
                canvas.house(x, 250, 88, 70, false);
                canvas.scaffold(x, 250, 88, 84);
            }
            _ => canvas.house(x, 250, 88, 74, true),
        }
    }
}

fn tower(canvas: &mut Canvas, stage: usize) {
    let height = [50, 110, 150][stage];
    for leg in 0..3 {
        canvas.rect(206 + leg * 32, 260 - height, 6, height, STONE);
    }
    if stage > 0 {
        canvas.rect(190, 260 - height - 44, 104, 46, WHITE);
        canvas.rect(190, 260 - height - 26, 104, 6, [92, 134, 178]);
    }
    if stage == 2 {
        canvas.band((48, 230, 254), (68, 190, 294), [92, 134, 178]);
    } else {
        canvas.scaffold(180, 260, 120, height);
    }
    canvas.tree(90, 250);
    canvas.house(350, 250, 84, 50, true);
}

fn works(canvas: &mut Canvas, stage: usize) {
    canvas.band((HORIZON, 150, 330), (300, 30, 470), STONE);
    let length = [130, 80, 0][stage];
    if length > 0 {
        canvas.band((300 - length, 216, 250), (300, 200, 270), EARTH);
        canvas.rect(214, 292 - length, 8, length, [92, 134, 178]);
        canvas.rect(300, 216, 70, 28, SUN);
        canvas.rect(330, 196, 30, 22, DARK);
        canvas.disc(312, 248, 9, DARK);
        canvas.disc(358, 248, 9, DARK);
    } else {
        canvas.disc(236, 262, 16, DARK);
        canvas.disc(236, 262, 13, ASPHALT);
    }
    canvas.house(20, 214, 90, 48, true);
}

#[cfg(test)]
mod tests {
    use super::{STAGES, picture};
    use crate::app::demo::content::content;

    #[test]
    fn every_scene_is_a_small_picture_and_its_stages_differ() {
        for subject in &content().subjects {
            let stages: Vec<&[u8]> = (0..STAGES).map(|stage| picture(subject.picture, stage)).collect();
            assert!(stages[0] != stages[1] && stages[1] != stages[2], "{:?}", subject.picture);
            for jpeg in stages {
                assert!(jpeg.len() < 40_000, "{}", jpeg.len());
                assert_eq!(image::guess_format(jpeg).unwrap(), image::ImageFormat::Jpeg);
            }
        }
    }
}
