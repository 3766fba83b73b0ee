//! How the machine was started: what the command line and the environment say, as `sys.flags` and its neighbours show it.

use crate::paths::Paths;

/// What `sys.flags`, `sys.warnoptions` and others are made of. Numbers count how often an option was given.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of CPython's")]
pub struct Config {
    /// `-d`
    pub debug: u8,
    /// `-i`
    pub inspect: u8,
    /// `-s`, `-I`
    pub no_user_site: bool,
    /// `-S`
    pub no_site: bool,
    /// `-E`, `-I`
    pub ignore_environment: bool,
    /// `-v`
    pub verbose: u8,
    /// `-b`
    pub bytes_warning: u8,
    /// `-q`
    pub quiet: u8,
    /// `-I`
    pub isolated: bool,
    /// `-X dev`
    pub dev_mode: bool,
    /// `-X utf8`, or a locale that says nothing.
    pub utf8_mode: bool,
    /// `-X warn_default_encoding`
    pub warn_default_encoding: bool,
    /// `-P`, `-I`
    pub safe_path: bool,
    /// `-X int_max_str_digits`
    pub int_max_str_digits: u32,
    /// Are hashes of texts other ones each time?
    pub hash_randomization: bool,
    /// `-u`
    pub unbuffered: bool,
    /// `-X no_debug_ranges`: tracebacks show no columns.
    pub no_debug_ranges: bool,
    /// `-X importtime`
    pub import_time: bool,
    /// `-X pycache_prefix`
    pub pycache_prefix: Option<String>,
    /// `--check-hash-based-pycs`
    pub check_hash: String,
    /// `sys.warnoptions`
    pub warn_options: Vec<String>,
    /// `sys._xoptions`: names, and what stands behind `=`.
    pub x_options: Vec<(String, Option<String>)>,
    /// `sys.orig_argv`
    pub orig_argv: Vec<String>,
    /// Where the machine is.
    pub paths: Paths,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            debug: 0,
            inspect: 0,
            no_user_site: false,
            no_site: false,
            ignore_environment: false,
            verbose: 0,
            bytes_warning: 0,
            quiet: 0,
            isolated: false,
            dev_mode: false,
            utf8_mode: false,
            warn_default_encoding: false,
            safe_path: false,
            int_max_str_digits: 4300,
            hash_randomization: true,
            unbuffered: false,
            no_debug_ranges: false,
            import_time: false,
            pycache_prefix: None,
            check_hash: "default".into(),
            warn_options: Vec::new(),
            x_options: Vec::new(),
            orig_argv: Vec::new(),
            paths: Paths::default(),
        }
    }
}

impl Config {
    /// The fields of `sys.flags` in order, `optimize` and `dont_write_bytecode` as they are said.
    pub(crate) fn flags(&self, optimize: u8, no_bytecode: bool) -> [u32; 18] {
        [
            self.debug.into(),
            self.inspect.into(),
            self.inspect.into(),
            optimize.into(),
            no_bytecode.into(),
            self.no_user_site.into(),
            self.no_site.into(),
            self.ignore_environment.into(),
            self.verbose.into(),
            self.bytes_warning.into(),
            self.quiet.into(),
            self.hash_randomization.into(),
            self.isolated.into(),
            self.dev_mode.into(),
            self.utf8_mode.into(),
            self.warn_default_encoding.into(),
            self.safe_path.into(),
            self.int_max_str_digits,
        ]
    }

    /// A variable of the environment, where it is looked at and says something.
    pub(crate) fn variable(&self, name: &str) -> Option<std::ffi::OsString> {
        if self.ignore_environment {
            return None;
        }
        std::env::var_os(name).filter(|it| !it.is_empty())
    }

    /// What the environment says, where the command line does not. True: `PYTHONOPTIMIZE` and the like are in the result.
    pub(crate) fn read_environment(&mut self) {
        let text = |it: &Config, name: &str| it.variable(name).map(|it| it.to_string_lossy().into_owned());
        let number = |it: &Config, name: &str| {
            text(it, name).map(|it| it.trim().parse::<u8>().unwrap_or(1)).unwrap_or(0)
        };
        self.debug = self.debug.max(number(self, "PYTHONDEBUG"));
        self.verbose = self.verbose.max(number(self, "PYTHONVERBOSE"));
        self.inspect = self.inspect.max(number(self, "PYTHONINSPECT"));
        self.no_user_site |= self.variable("PYTHONNOUSERSITE").is_some();
        self.safe_path |= self.variable("PYTHONSAFEPATH").is_some();
        self.unbuffered |= self.variable("PYTHONUNBUFFERED").is_some();
        self.dev_mode |= self.variable("PYTHONDEVMODE").is_some();
        self.no_debug_ranges |= self.variable("PYTHONNODEBUGRANGES").is_some();
        self.import_time |= self.variable("PYTHONPROFILEIMPORTTIME").is_some();
        self.warn_default_encoding |= self.variable("PYTHONWARNDEFAULTENCODING").is_some();
        if self.pycache_prefix.is_none() {
            self.pycache_prefix = text(self, "PYTHONPYCACHEPREFIX");
        }
        if let Some(digits) = text(self, "PYTHONINTMAXSTRDIGITS").and_then(|it| it.parse().ok()) {
            self.int_max_str_digits = digits;
        }
        self.hash_randomization = text(self, "PYTHONHASHSEED").is_none_or(|it| it != "0");
        self.utf8_mode = match text(self, "PYTHONUTF8").as_deref() {
            Some("1") => true,
            Some("0") => false,
            _ => plain_locale(),
        };
        // The environment's come before those of the command line, which are so found first.
        let mut options: Vec<String> = Vec::new();
        if self.dev_mode {
            options.push("default".into());
        }
        options.extend(
            text(self, "PYTHONWARNINGS").iter().flat_map(|it| it.split(',')).map(|it| it.trim().to_owned()),
        );
        options.append(&mut self.warn_options);
        if self.bytes_warning > 0 {
            let action = if self.bytes_warning > 1 { "error" } else { "default" };
            options.push(format!("{action}::BytesWarning"));
        }
        self.warn_options = options;
        // The command line has the last word.
        for (name, value) in self.x_options.clone() {
            match (name.as_str(), value.as_deref()) {
                ("dev", _) if !self.dev_mode => {
                    self.dev_mode = true;
                    self.warn_options.insert(0, "default".into());
                }
                ("utf8", value) => self.utf8_mode = value != Some("0"),
                ("warn_default_encoding", _) => self.warn_default_encoding = true,
                ("importtime", _) => self.import_time = true,
                ("no_debug_ranges", _) => self.no_debug_ranges = true,
                ("pycache_prefix", value) => {
                    self.pycache_prefix = value.filter(|it| !it.is_empty()).map(Into::into)
                }
                ("int_max_str_digits", Some(value)) => {
                    if let Ok(digits) = value.parse() {
                        self.int_max_str_digits = digits;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Does the locale name no encoding, so that UTF-8 mode is on (PEP 540)?
fn plain_locale() -> bool {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|it| std::env::var(it).ok().filter(|it| !it.is_empty()));
    named.is_none_or(|it| it == "C" || it == "POSIX")
}
