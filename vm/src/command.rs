//! The command line: CPython's options, and some of our own.

use crate::start::{Program, Settings};
use std::ffi::OsString;
use std::path::PathBuf;

/// There is nothing to run: what is printed, and the exit code. 0 goes to standard output, the rest to standard error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The exit code.
    pub code: u8,
    /// What is printed.
    pub text: String,
}

const HELP: &str = "\
Runs precompiled Python code objects without a Python.

Usage: pyrvm [OPTION...] FILE [ARGUMENT...]
       pyrvm [OPTION...] -c COMMAND [ARGUMENT...]
       pyrvm [OPTION...] -m MODULE [ARGUMENT...]
       pyrvm [OPTION...] [- [ARGUMENT...]]

FILE is a .pyc of Python 3.8 to 3.15, a source, which is compiled in memory, or a folder or zip file with a __main__ module;
- is a source on standard input.

Options, as CPython's:
  -b             Warn of str(bytes) and comparisons of bytes with str; -bb: raise
  -B             Write no .pyc files
  -c COMMAND     Run this source
  -d, -i, -q     Only shown in sys.flags
  -E             Ignore PYTHON* variables
  -I             Isolated: -E, -P and -s
  -m MODULE      Run this module of the path as a program
  -O, -OO        Leave out assertions, and with -OO documentation strings
  -P             Do not put the program's folder on sys.path
  -s             No packages of the user's own
  -S             No packages at all
  -u             Write standard output at once
  -v             Only shown in sys.flags
  -W ACTION      What is done about warnings
  -x             Skip the first line of the source
  -X OPTION      dev, importtime, int_max_str_digits=N, pycache_prefix=DIR, utf8, warn_default_encoding
  --check-hash-based-pycs always|default|never
  -h, --help     Print help
  -V, --version  Print version

Options of pyrvm:
  --stdlib PATH          Use the standard library of this folder or zip file, not that in the binary
  --max-recursion N      The recursion limit to begin with
  --max-memory BYTES     End the program when its objects take more; K, M and G may follow
  --max-steps N          End the program after so many jumps backwards and calls
  --stats                Say on standard error what the program took: instructions, cache hits, steps, objects, collections, memory
  --trace-ops            Show on standard error each instruction of the program, with the registers before and what it changed
  --license              Print the licence of the standard library in the binary

Exit status: that of the program; 2 wrong usage or FILE cannot be read, 4 it is no .pyc of a supported Python, or corrupt.
";

/// The version, with the language's behind it.
const VERSION: &str = concat!("pyrvm ", env!("CARGO_PKG_VERSION"), "\n");

fn answer(text: &str) -> Answer {
    Answer { code: 0, text: text.to_owned() }
}

fn usage(message: &str) -> Answer {
    let text = format!(
        "{message}\nusage: pyrvm [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `pyrvm -h' for more information.\n"
    );
    Answer { code: 2, text }
}

/// What the arguments say, that of the program's own name not among them.
///
/// # Errors
/// What to say where there is nothing to run.
pub fn parse(arguments: Vec<OsString>) -> Result<Settings, Answer> {
    let mut settings = Settings::default();
    settings.config.orig_argv = arguments.iter().map(|it| it.to_string_lossy().into_owned()).collect();
    let mut rest = arguments.into_iter();
    settings.program = loop {
        let Some(argument) = rest.next() else { break Program::Input { named: false } };
        let Some(text) = argument.to_str() else { break Program::File(argument.into()) };
        match text {
            "-" => break Program::Input { named: true },
            _ if text.starts_with("--") => long(text, &mut rest, &mut settings)?,
            _ if text.starts_with('-') => {
                if let Some(program) = short(text, &mut rest, &mut settings)? {
                    break program;
                }
            }
            _ => break Program::File(argument.into()),
        }
    };
    settings.arguments = rest.map(|it| it.to_string_lossy().into_owned()).collect();
    Ok(settings)
}

fn long(
    text: &str,
    rest: &mut impl Iterator<Item = OsString>,
    settings: &mut Settings,
) -> Result<(), Answer> {
    let (name, own) = match text.split_once('=') {
        Some((name, value)) => (name, Some(OsString::from(value))),
        None => (text, None),
    };
    let mut value = || {
        own.clone()
            .or_else(|| rest.next())
            .ok_or_else(|| usage(&format!("Argument expected for the {name} option")))
    };
    let number = |text: OsString| {
        let text = text.to_string_lossy();
        let (digits, unit) = match text.char_indices().last() {
            Some((at, 'k' | 'K')) => (&text[..at], 1 << 10),
            Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
            Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
            _ => (&*text, 1),
        };
        let number = digits.parse::<u64>().ok().and_then(|it| it.checked_mul(unit));
        number.filter(|it| *it > 0).ok_or_else(|| usage(&format!("{name} wants a number")))
    };
    match name {
        "--help" | "--help-all" => return Err(answer(HELP)),
        "--version" => return Err(answer(VERSION)),
        "--license" => return Err(answer(&crate::library::license())),
        "--stdlib" => settings.stdlib = Some(PathBuf::from(value()?)),
        "--stats" => settings.stats = true,
        "--trace-ops" => settings.trace_ops = true,
        "--max-recursion" => settings.max_recursion = usize::try_from(number(value()?)?).ok(),
        "--max-memory" => settings.max_memory = usize::try_from(number(value()?)?).ok(),
        "--max-steps" => settings.max_steps = Some(number(value()?)?),
        "--check-hash-based-pycs" => {
            let value = value()?.to_string_lossy().into_owned();
            if !["always", "default", "never"].contains(&value.as_str()) {
                let message = "--check-hash-based-pycs must be one of 'default', 'always', or 'never'";
                return Err(usage(message));
            }
            settings.config.check_hash = value;
        }
        _ => return Err(usage(&format!("Unknown option: {name}"))),
    }
    Ok(())
}

/// Options of one letter, several of which may stand together.
fn short(
    text: &str,
    rest: &mut impl Iterator<Item = OsString>,
    settings: &mut Settings,
) -> Result<Option<Program>, Answer> {
    for (index, letter) in text.char_indices().skip(1) {
        let config = &mut settings.config;
        match letter {
            'c' | 'm' | 'W' | 'X' => {
                let own = &text[index + 1..];
                let mut next = || rest.next().map(|it| it.to_string_lossy().into_owned());
                let value = if own.is_empty() { next() } else { Some(own.to_owned()) };
                let Some(value) = value else {
                    return Err(usage(&format!("Argument expected for the -{letter} option")));
                };
                match letter {
                    'c' => return Ok(Some(Program::Command(value))),
                    'm' => return Ok(Some(Program::Module(value))),
                    'W' => config.warn_options.push(value),
                    _ => config.x_options.push(match value.split_once('=') {
                        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                        None => (value, None),
                    }),
                }
                return Ok(None);
            }
            'b' => config.bytes_warning += 1,
            'B' => settings.no_bytecode = true,
            'd' => config.debug += 1,
            'E' => config.ignore_environment = true,
            'h' | '?' => return Err(answer(HELP)),
            'i' => config.inspect += 1,
            'I' => {
                config.ignore_environment = true;
                config.safe_path = true;
                config.no_user_site = true;
                config.isolated = true;
            }
            'O' => settings.optimize = (settings.optimize + 1).min(2),
            'P' => config.safe_path = true,
            'q' => config.quiet += 1,
            'R' => {}
            's' => config.no_user_site = true,
            'S' => config.no_site = true,
            'u' => config.unbuffered = true,
            'v' => config.verbose += 1,
            'V' => return Err(answer(VERSION)),
            'x' => settings.skip_first_line = true,
            _ => return Err(usage(&format!("Unknown option: -{letter}"))),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Settings, Answer> {
        parse(words.iter().map(OsString::from).collect())
    }

    #[test]
    fn letters_stand_together_and_values_beside_them() {
        let settings = parsed(&["-BIWerror", "-X", "a=b", "-OO", "-cpass", "-x", "y"]).unwrap();
        assert_eq!(settings.program, Program::Command("pass".into()));
        assert_eq!((settings.arguments.len(), settings.optimize, settings.no_bytecode), (2, 2, true));
        assert!(settings.config.isolated && settings.config.safe_path);
        assert_eq!(settings.config.warn_options, ["error"]);
        assert_eq!(settings.config.x_options, [("a".to_owned(), Some("b".to_owned()))]);
    }

    #[test]
    fn limits_have_units() {
        let settings = parsed(&["--max-memory=2M", "--max-steps", "10", "f.py"]).unwrap();
        assert_eq!((settings.max_memory, settings.max_steps), (Some(2 << 20), Some(10)));
        assert_eq!(parsed(&["--max-steps", "none"]).unwrap_err().code, 2);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(parsed(&["-c"]).unwrap_err().text.starts_with("Argument expected for the -c option\n"));
        assert!(parsed(&["--foo"]).unwrap_err().text.starts_with("Unknown option: --foo\n"));
        assert_eq!(parsed(&["-V"]).unwrap_err().text, VERSION);
    }
}
