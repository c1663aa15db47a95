//! What lies on top of the main screen: screens that cover it, sheets and popups.

pub mod add;
pub mod claimants;
pub mod collisions;
pub mod command_log;
pub mod copy;
pub mod delete;
pub mod help;
pub mod notice;
pub mod outputs;
pub mod palette;
pub mod picker;
pub mod priority;
pub mod profiles;
pub mod progress;
pub mod question;
pub mod registry_form;
pub mod review;
pub mod review_cost;
mod review_registry;
pub mod review_text;
pub mod rollback;
pub mod source;
pub mod text_field;
pub mod toast;
pub mod trace;
pub mod type_name;
pub mod ways;
