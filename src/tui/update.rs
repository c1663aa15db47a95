//! Answers a message: changes the model, orders effects.

use super::effect::Effect;
use super::model::Model;
use super::msg::Msg;

/// The only place that changes the model.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let _ = (model, msg);
    Vec::new()
}
