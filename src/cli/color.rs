//! When to colour, and with which colours.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

/// The value of `--color`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`; elsewhere when `FORCE_COLOR` or
    /// `CLICOLOR_FORCE` is set.
    #[default]
    Auto,
    /// Always, also into files and pipes.
    Always,
    /// Never.
    Never,
}

/// `--color`, for commands to flatten into their arguments.
#[derive(Clone, Copy, Default, Debug, clap::Args)]
pub struct ColorArgs {
    /// When to colour the output
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, hide_possible_values = false)]
    pub color: ColorChoice,
}

impl ColorArgs {
    /// Whether to colour what goes to `stream` (say `&std::io::stdout()`).
    pub fn enabled(self, stream: &impl IsTerminal) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if set("NO_COLOR") => false,
            ColorChoice::Auto if set("FORCE_COLOR") || set("CLICOLOR_FORCE") => true,
            ColorChoice::Auto => {
                stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        }
    }
}

/// Colours by meaning. With `Palette::PLAIN` every style prints nothing.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// The word "error", a failed file.
    pub error: Style,
    /// The word "warning".
    pub warning: Style,
    /// What went well.
    pub good: Style,
    /// File names and other locations.
    pub place: Style,
    /// What is there for completeness.
    pub dim: Style,
    /// The carets under a source line.
    pub caret: Style,
    /// What stands out: numbers of a summary, opcode names.
    pub strong: Style,
}

impl Palette {
    /// No colours at all.
    pub const PLAIN: Palette = Palette {
        error: Style::new(),
        warning: Style::new(),
        good: Style::new(),
        place: Style::new(),
        dim: Style::new(),
        caret: Style::new(),
        strong: Style::new(),
    };

    /// The colours, if `enabled`.
    pub fn new(enabled: bool) -> Palette {
        if !enabled {
            return Palette::PLAIN;
        }
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        Palette {
            error: color(AnsiColor::Red).bold(),
            warning: color(AnsiColor::Yellow).bold(),
            good: color(AnsiColor::Green),
            place: color(AnsiColor::Magenta),
            dim: Style::new().dimmed(),
            caret: color(AnsiColor::Red).bold(),
            strong: Style::new().bold(),
        }
    }
}
