//! Draws the model. Pure, and quick at any size of profile: only rows that are on
//! the screen are made.
//!
//! The topmost of the screens that cover everything (Collisions, Review), or else
//! the main screen, is drawn first; sheets and popups go on top in their order.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::{self, Areas, LayoutKind, Shape};
use super::model::{Model, Overlay, Pane};
use super::overlays::{
    collisions, command_log, contained, copy, delete, help, notice, outputs, palette, picker, priority,
    profiles, question, registry_form, review, rollback, source, text_field, toast, trace, type_name,
};
use super::panes::{bars, history, installed, preview, registry, strip};
use super::pointer::Target;
use canvas::Canvas;
use row::Row;

mod ascii;
pub mod canvas;
pub mod row;
pub mod words;

/// Draws the whole screen.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    draw(model, frame.buffer_mut());
}

/// What is seen at a column and row: the frame is drawn once more, and says itself.
pub fn target_at(model: &Model, place: (u16, u16)) -> Option<Target> {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    draw(model, &mut buffer).target_at(place)
}

fn draw<'a>(model: &'a Model, buffer: &'a mut Buffer) -> Canvas<'a> {
    let mut canvas = Canvas::new(model, buffer);
    let areas = layout::areas(&Shape::of(model));
    if areas.kind == LayoutKind::TooSmall {
        too_small(&mut canvas);
    } else {
        screens(&mut canvas, &areas);
    }
    if model.ascii {
        canvas.to_ascii();
    }
    canvas.ground();
    canvas
}

fn screens(canvas: &mut Canvas<'_>, areas: &Areas) {
    let model = canvas.model;
    let covers =
        |overlay: &Overlay| matches!(overlay, Overlay::Collisions(_) | Overlay::Review(_) | Overlay::Log(_));
    let lowest = model.overlays.iter().rposition(covers).unwrap_or(0);
    if !model.overlays.get(lowest).is_some_and(covers) {
        main_screen(canvas, areas);
    }
    for overlay in &model.overlays[lowest..] {
        match overlay {
            Overlay::Collisions(screen) => collisions::draw(canvas, screen),
            Overlay::Review(screen) => review::draw(canvas, screen),
            Overlay::Rollback(sheet) => rollback::draw(canvas, sheet),
            Overlay::Delete(sheet) => delete::draw(canvas, sheet),
            Overlay::Field(field) => text_field::draw(canvas, field),
            Overlay::Profiles(screen) => profiles::draw(canvas, screen),
            Overlay::Priority(field) => priority::draw(canvas, field),
            Overlay::Picker(screen) => picker::draw(canvas, screen),
            Overlay::TypeName(input) => type_name::draw(canvas, input),
            Overlay::Help(screen) => help::draw(canvas, screen),
            Overlay::Notice(screen) => notice::draw(canvas, screen),
            Overlay::Log(screen) => command_log::draw(canvas, screen),
            Overlay::Palette(screen) => palette::draw(canvas, screen),
            Overlay::Trace(screen) => trace::draw(canvas, screen),
            Overlay::Entry(form) => registry_form::draw(canvas, form),
            Overlay::Outputs(screen) => outputs::draw(canvas, screen),
            Overlay::Contained(screen) => contained::draw(canvas, screen),
            Overlay::Source(form) => source::draw(canvas, form),
            Overlay::Copy(menu) => copy::draw(canvas, menu),
            Overlay::Question(asked) => question::draw(canvas, asked),
        }
    }
    toast::draw(canvas);
}

fn main_screen(canvas: &mut Canvas<'_>, areas: &Areas) {
    bars::title(canvas, areas.title);
    if let Some(area) = areas.tabs {
        bars::tabs(canvas, area);
    }
    if let Some(area) = areas.installed {
        installed::draw(canvas, area);
    }
    if let Some(area) = areas.registry {
        registry::draw(canvas, area);
    }
    if let Some(area) = areas.history {
        history::draw(canvas, area);
    }
    if let Some(area) = areas.preview {
        preview::draw(canvas, area, areas.beside.is_some());
    }
    if let Some(area) = areas.beside {
        preview::draw_beside(canvas, area);
    }
    if let Some(area) = areas.strip {
        strip::draw(canvas, area);
    }
    bars::plan(canvas, areas.plan);
    bars::hints(canvas, areas.hints);
}

fn too_small(canvas: &mut Canvas<'_>) {
    let (width, height) = canvas.model.size;
    let (least_width, least_height) = layout::SMALLEST;
    let area = Rect::new(0, 0, width, height);
    let text = format!("needs {least_width}x{least_height}, now {width}x{height}");
    canvas.row(area, 0, &Row::text(text));
    canvas.row(area, 1, &Row::text("q quits"));
}

/// How far the text on top can be scrolled: Review, the rollback sheet's difference, else the
/// Diff or Info tab. `update` keeps its scroll within it.
pub fn max_scroll(model: &Model) -> usize {
    let areas = layout::areas(&Shape::of(model));
    match model.overlays.last() {
        Some(Overlay::Review(screen)) => review::max_scroll(model, screen),
        Some(Overlay::Notice(screen)) => notice::max_scroll(model, screen),
        Some(Overlay::Rollback(sheet)) => rollback::max_scroll(model, sheet),
        Some(Overlay::Delete(sheet)) => delete::max_scroll(model, sheet),
        Some(Overlay::Trace(screen)) => trace::max_scroll(model, screen),
        _ => preview::text_length(model).saturating_sub(areas.text_rows()),
    }
}

/// Whether a pane has the focus and no screen on top takes the keys.
pub fn has_focus(model: &Model, pane: Pane) -> bool {
    model.focus == pane && model.overlays.is_empty()
}
