//! f-strings and t-strings.

use super::{Level, Result, Writer, above};
use crate::syntax::ast::{Const, Expr, ExprKind, FormattedValue, Interpolation};
use crate::value::{PyStr, repr};

impl Writer<'_> {
    /// An f-string or t-string, or what follows the colon of a replacement field.
    pub(super) fn joined_str(&mut self, prefix: &str, values: &[Expr<'_>], format_spec: bool) -> Result {
        let around = std::mem::take(&mut self.out);
        let result = values.iter().try_for_each(|value| self.string_part(value, format_spec));
        let body = std::mem::replace(&mut self.out, around);
        result?;
        if format_spec {
            self.out.extend_from_slice(&body);
            return Ok(());
        }
        self.push(prefix);
        self.text.clear();
        repr::push_str(PyStr::from_bytes(&body), self.unicode, &mut self.text);
        let text = std::mem::take(&mut self.text);
        self.push(&text);
        self.text = text;
        Ok(())
    }

    fn string_part(&mut self, value: &Expr<'_>, format_spec: bool) -> Result {
        match &value.kind {
            ExprKind::Constant { value: Const::Str(text), .. } => {
                for &byte in text.as_bytes() {
                    self.out.push(byte);
                    if matches!(byte, b'{' | b'}') {
                        self.out.push(byte);
                    }
                }
                Ok(())
            }
            ExprKind::JoinedStr { values } => self.joined_str("f", values, format_spec),
            ExprKind::TemplateStr { values } => self.joined_str("t", values, format_spec),
            _ => self.expr(value, Level::Test),
        }
    }

    pub(super) fn formatted_value(&mut self, node: &FormattedValue<'_>) -> Result {
        let start = self.out.len();
        self.push("{");
        self.expr(node.value, above(Level::Test))?;
        if self.out.get(start + 1) == Some(&b'{') {
            self.out.insert(start + 1, b' ');
        }
        self.conversion_and_spec(node.conversion, node.format_spec.as_deref())
    }

    pub(super) fn interpolation(&mut self, node: &Interpolation<'_>) -> Result {
        let text = node.str.as_bytes();
        self.push(if text.first() == Some(&b'{') { "{ " } else { "{" });
        self.out.extend_from_slice(text);
        self.conversion_and_spec(node.conversion, node.format_spec.as_deref())
    }

    fn conversion_and_spec(&mut self, conversion: i32, spec: Option<&Expr<'_>>) -> Result {
        if let Ok(code @ (b'a' | b'r' | b's')) = u8::try_from(conversion) {
            self.out.extend_from_slice(&[b'!', code]);
        }
        if let Some(spec) = spec {
            self.push(":");
            self.string_part(spec, true)?;
        }
        self.push("}");
        Ok(())
    }
}
