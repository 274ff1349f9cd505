//! Codes that people type or open as a link: recovery codes, password resets and invitations.
//!
//! The alphabet lacks letters that can be confused with digits. Typed codes may have any case, and
//! spaces and hyphens anywhere.

/// The characters of a code: Crockford's base 32.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code: 120 bits, more than the 112 from which a fast hash is safe to store
/// (OWASP ASVS 6.5.2).
pub const LENGTH: usize = 24;

/// Characters between two hyphens.
const GROUP: usize = 4;

/// The canonical form of a typed code: upper case, without separators, with letters for the digits
/// that they resemble. `None` if it cannot be a code.
#[must_use]
pub fn normalize(typed: &str) -> Option<String> {
    let mut code = String::with_capacity(LENGTH);
    for c in typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '–')) {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if code.len() == LENGTH || !u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte)) {
            return None;
        }
        code.push(c);
    }
    (code.len() == LENGTH).then_some(code)
}

/// A canonical code in groups of four, for reading and typing.
#[must_use]
pub fn grouped(code: &str) -> String {
    let mut grouped = String::with_capacity(code.len() + code.len() / GROUP);
    for (at, c) in code.chars().enumerate() {
        if at > 0 && at % GROUP == 0 {
            grouped.push('-');
        }
        grouped.push(c);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "7Q2M9XKD4HTRA0B1C2D3E4F5";

    #[test]
    fn typed_codes_are_accepted_in_any_form() {
        for typed in [
            CODE,
            "7Q2M-9XKD-4HTR-A0B1-C2D3-E4F5",
            " 7q2m 9xkd 4htr aobi c2d3 e4f5 ",
            "7q2m-9xkd-4htr-aObL-c2d3-e4f5\n",
            "7Q2M–9XKD–4HTR–A0B1–C2D3–E4F5",
        ] {
            assert_eq!(normalize(typed).as_deref(), Some(CODE), "{typed:?}");
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        for typed in
            ["", "7Q2M", &CODE[1..], &format!("{CODE}0"), &CODE.replace('7', "U"), "\0", "é"]
        {
            assert_eq!(normalize(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn grouping_is_undone_by_normalization() {
        assert_eq!(grouped(CODE), "7Q2M-9XKD-4HTR-A0B1-C2D3-E4F5");
        assert_eq!(normalize(&grouped(CODE)).as_deref(), Some(CODE));
    }
}
