//! Judging one pair: reading or compiling both sides, comparing them, listing what differs.

use std::path::PathBuf;

use super::Pair;
use crate::cli::load::Pyc;
use crate::cli::{load, python, report};
use crate::code::{ObjectId, Objects};
use crate::compile::{self, Session};
use crate::listing::compare::{CodeDifference, Finding, Kind, Side, across, compare};
use crate::listing::{CodeView, Lister, ListingError, Options, Shapes};
use crate::marshal::{Header, Invalidation, Reader};
use crate::target::{Target, Version};
use crate::value::PyStr;

/// One side of a pair.
pub enum Content {
    /// There is none.
    Missing,
    /// A `.pyc` file.
    File(PathBuf),
    /// What the reference made of a source: a `.pyc` file's bytes, or the exception's class and message.
    Reference(Result<Vec<u8>, String>),
    /// A source to compile.
    Source {
        /// Where it is.
        file: PathBuf,
        /// What `co_filename` records.
        recorded: String,
        /// The release to compile for; `None`: that of the other side.
        target: Option<Target>,
    },
}

/// A file that differs.
pub struct FileReport {
    /// What it is called.
    pub path: String,
    /// What differs outside of code objects.
    pub findings: Vec<Finding>,
    /// The code objects that differ.
    pub codes: Vec<CodeReport>,
    /// Where the sides are of different releases: how many instructions each code object has.
    pub counts: Option<Counts>,
}

/// How many instructions code objects have in two releases.
pub struct Counts {
    /// The releases.
    pub releases: [&'static str; 2],
    /// By code object: what it is called, its line, the numbers; none where a side lacks it.
    pub codes: Vec<(String, i32, [Option<usize>; 2])>,
}

/// A code object that differs.
pub struct CodeReport {
    /// Which, and how.
    pub difference: CodeDifference,
    /// Its listings, where they are wanted; the same text where they show no difference.
    pub listings: Option<[String; 2]>,
}

impl FileReport {
    /// How many differences there are of each kind.
    pub fn counts(&self) -> Vec<(Kind, usize)> {
        let all = || {
            let in_codes = self.codes.iter().flat_map(|code| &code.difference.findings);
            self.findings.iter().chain(in_codes)
        };
        let count = |kind: Kind| (kind, all().filter(|finding| finding.kind == kind).count());
        Kind::ALL.into_iter().map(count).filter(|&(_, count)| count > 0).collect()
    }
}

/// Compares pairs. Holds what is reused from one to the next.
pub struct Judge {
    ignored: Vec<Kind>,
    listings: bool,
    offsets: bool,
    optimize: u8,
    session: Session,
    reader: Reader,
    left: Vec<u8>,
    right: Vec<u8>,
    facts: Option<&'static load::Described>,
}

/// A side that has been read.
enum Loaded {
    Missing,
    /// The bytes of a `.pyc` are in the side's buffer.
    Bytes,
    /// A source that was refused, with the exception.
    Refused(String),
}

impl Judge {
    /// A judge who leaves out the kinds `ignored`, and lists what differs if `listings`, with offsets if
    /// `offsets`. Sources are compiled at level `optimize`.
    pub fn new(ignored: Vec<Kind>, listings: bool, offsets: bool, optimize: u8) -> Self {
        Judge {
            ignored,
            listings,
            offsets,
            optimize,
            session: Session::new(),
            reader: Reader::new(),
            left: Vec::new(),
            right: Vec::new(),
            facts: None,
        }
    }

    /// What is known besides of a release.
    pub fn set_facts(&mut self, facts: Option<&'static load::Described>) {
        self.facts = facts;
    }

    /// What differs, or `None` where nothing does.
    ///
    /// # Errors
    /// Says why the pair cannot be compared.
    pub fn compare(&mut self, pair: &Pair) -> Result<Option<FileReport>, String> {
        // The right side first: it may say which release to compile the left one for.
        let mut right_bytes = std::mem::take(&mut self.right);
        let right = self.load(&pair.right, None, &mut right_bytes);
        self.right = right_bytes;
        let right = right?;
        let target = match right {
            Loaded::Bytes => Header::parse(&self.right).ok().and_then(|header| header.version()),
            _ => None,
        };
        let mut left_bytes = std::mem::take(&mut self.left);
        let left = self.load(&pair.left, target, &mut left_bytes);
        self.left = left_bytes;
        let path = pair.path.clone();
        let mut found = FileReport { path, findings: Vec::new(), codes: Vec::new(), counts: None };
        match (left?, right) {
            (Loaded::Bytes, Loaded::Bytes) => self.both(pair, &mut found)?,
            (Loaded::Missing, Loaded::Missing) => {}
            (Loaded::Refused(ours), Loaded::Refused(theirs)) if ours == theirs => {}
            (left, right) => {
                let word = |side: &Loaded| match side {
                    Loaded::Missing => "no file".to_string(),
                    Loaded::Bytes => "a .pyc".to_string(),
                    Loaded::Refused(error) => error.clone(),
                };
                let detail = format!("{} | {}", word(&left), word(&right));
                found.findings.push(Finding { kind: Kind::Structure, detail });
            }
        }
        found.findings.retain(|finding| !self.ignored.contains(&finding.kind));
        Ok((!found.findings.is_empty() || !found.codes.is_empty()).then_some(found))
    }

    fn load(
        &mut self,
        content: &Content,
        other: Option<Version>,
        bytes: &mut Vec<u8>,
    ) -> Result<Loaded, String> {
        match content {
            Content::Missing => Ok(Loaded::Missing),
            Content::Reference(Ok(content)) => {
                bytes.clone_from(content);
                Ok(Loaded::Bytes)
            }
            Content::Reference(Err(error)) => Ok(Loaded::Refused(error.clone())),
            Content::File(file) => {
                load::bytes(file, bytes).map_err(|error| format!("{}: {error}", file.display()))?;
                Ok(Loaded::Bytes)
            }
            Content::Source { file, recorded, target } => {
                let mut source = Vec::new();
                load::bytes(file, &mut source).map_err(|error| format!("{}: {error}", file.display()))?;
                let target = target.or(other.map(Target::newest)).unwrap_or_else(python::newest);
                let options = compile::Options { optimize: self.optimize, ..compile::Options::new(target) };
                let hash = crate::marshal::source_hash(target.version, &source);
                bytes.clear();
                let header = Header::new(target.version, Invalidation::UncheckedHash(hash));
                bytes.extend_from_slice(&header.to_bytes());
                let name = PyStr::from(recorded.as_str());
                match self.session.compile_into(&source, name, &options, bytes, &mut Vec::new()) {
                    Ok(()) => Ok(Loaded::Bytes),
                    Err(error) => Ok(Loaded::Refused(format!(
                        "{}: {}",
                        report::exception_name(error.kind),
                        error.message
                    ))),
                }
            }
        }
    }

    /// Compares two `.pyc` files, whose bytes are in the buffers.
    fn both(&mut self, pair: &Pair, found: &mut FileReport) -> Result<(), String> {
        if self.left == self.right {
            return Ok(());
        }
        let named = |which: &'static str| move |error: String| format!("{} ({which}): {error}", pair.path);
        let left =
            load::pyc(&self.left, &mut self.reader, Objects::default(), self.facts).map_err(named("left"))?;
        let right = load::pyc(&self.right, &mut self.reader, Objects::default(), self.facts)
            .map_err(named("right"))?;
        if !std::ptr::eq(left.shapes, right.shapes) {
            return across_releases(&left, &right, &self.ignored, self.listings, found)
                .map_err(|error| format!("{}: {error}", pair.path));
        }
        found.findings.extend(header(&left.header, &right.header));
        if self.left[left.header.len()..] == self.right[right.header.len()..] {
            return Ok(());
        }
        let side = |objects, root| Side { objects, root };
        let differences = compare(side(&left.objects, left.root), side(&right.objects, right.root))
            .map_err(|error| format!("{}: {error}", pair.path))?;
        if differences.is_empty() {
            let detail = "same objects, written differently".into();
            found.findings.push(Finding { kind: Kind::References, detail });
        }
        for mut difference in differences {
            difference.findings.retain(|finding| !self.ignored.contains(&finding.kind));
            if difference.findings.is_empty() {
                continue;
            }
            let listings = self.listings.then(|| {
                let options = Options {
                    positions: difference.findings.iter().any(|finding| finding.kind == Kind::LineTable),
                    offsets: self.offsets,
                    caches: false,
                };
                [
                    listing(&left.objects, difference.left, left.shapes, options),
                    listing(&right.objects, difference.right, right.shapes, options),
                ]
            });
            found.codes.push(CodeReport { difference, listings });
        }
        Ok(())
    }
}

/// Compares two `.pyc` files of different releases by what their code does.
fn across_releases(
    left: &Pyc<'_>,
    right: &Pyc<'_>,
    ignored: &[Kind],
    listings: bool,
    found: &mut FileReport,
) -> Result<(), ListingError> {
    let sides = (
        (Side { objects: &left.objects, root: left.root }, left.shapes),
        (Side { objects: &right.objects, root: right.root }, right.shapes),
    );
    let mut counts = Vec::new();
    for pair in across(sides.0, sides.1)? {
        let mut difference = pair.difference;
        let [a, b] = pair.counts;
        let numbers = [difference.left.map(|_| a), difference.right.map(|_| b)];
        counts.push((difference.path.clone(), difference.line, numbers));
        difference.findings.retain(|finding| !ignored.contains(&finding.kind));
        if !difference.findings.is_empty() {
            let text = |steps: &[String]| steps.iter().map(|step| format!("{step}\n")).collect::<String>();
            let [a, b] = &pair.steps;
            found.codes.push(CodeReport { difference, listings: listings.then(|| [text(a), text(b)]) });
        }
    }
    found.counts = Some(Counts { releases: [left.series.name, right.series.name], codes: counts });
    Ok(())
}

/// The listing of one code object without those in it; what is wrong with it where it has none.
fn listing(objects: &Objects<'_>, id: Option<ObjectId>, shapes: &'static Shapes, options: Options) -> String {
    let Some(id) = id else { return String::new() };
    let mut text = Vec::new();
    let listed = CodeView::new(objects, id)
        .and_then(|view| Lister::with(shapes, options).one(&view, &mut (), &mut text));
    if let Err(error) = listed {
        text.extend_from_slice(format!("({error})\n").as_bytes());
    }
    match String::from_utf8(text) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// What differs between two headers.
fn header(left: &Header, right: &Header) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |detail| found.push(Finding { kind: Kind::Header, detail });
    if left.magic != right.magic {
        let number = |header: &Header| u16::from_le_bytes([header.magic[0], header.magic[1]]);
        add(format!("magic number: {} | {}", number(left), number(right)));
    }
    if left.invalidation != right.invalidation {
        add(format!("{} | {}", invalidation(left.invalidation), invalidation(right.invalidation)));
    }
    found
}

fn invalidation(of: Invalidation) -> String {
    let hex = |hash: [u8; 8]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match of {
        Invalidation::Timestamp { mtime, size } => format!("mtime {mtime}, size {size}"),
        Invalidation::Mtime { mtime } => format!("mtime {mtime}"),
        Invalidation::CheckedHash(hash) => format!("checked hash {}", hex(hash)),
        Invalidation::UncheckedHash(hash) => format!("unchecked hash {}", hex(hash)),
    }
}
