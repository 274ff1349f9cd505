//! Numbers and quantities in the notation of siunitx, as `\qty{9.81}{\metre\per\second\squared}`,
//! rewritten as TeX.

use super::parser::{TexReader, Token};

const PREFIXES: [(&str, &str); 21] = [
    ("quecto", "q"),
    ("atto", "a"),
    ("femto", "f"),
    ("pico", "p"),
    ("nano", "n"),
    ("micro", "µ"),
    ("milli", "m"),
    ("centi", "c"),
    ("deci", "d"),
    ("deca", "da"),
    ("deka", "da"),
    ("hecto", "h"),
    ("kilo", "k"),
    ("mega", "M"),
    ("giga", "G"),
    ("tera", "T"),
    ("peta", "P"),
    ("exa", "E"),
    ("kibi", "Ki"),
    ("mebi", "Mi"),
    ("gibi", "Gi"),
];

const UNITS: [(&str, &str); 66] = [
    ("metre", "m"),
    ("meter", "m"),
    ("second", "s"),
    ("gram", "g"),
    ("kilogram", "kg"),
    ("ampere", "A"),
    ("kelvin", "K"),
    ("mole", "mol"),
    ("candela", "cd"),
    ("hertz", "Hz"),
    ("newton", "N"),
    ("pascal", "Pa"),
    ("joule", "J"),
    ("watt", "W"),
    ("coulomb", "C"),
    ("volt", "V"),
    ("ohm", "Ω"),
    ("siemens", "S"),
    ("farad", "F"),
    ("weber", "Wb"),
    ("tesla", "T"),
    ("henry", "H"),
    ("lumen", "lm"),
    ("lux", "lx"),
    ("becquerel", "Bq"),
    ("gray", "Gy"),
    ("sievert", "Sv"),
    ("katal", "kat"),
    ("celsius", "°C"),
    ("degreeCelsius", "°C"),
    ("degree", "°"),
    ("arcminute", "′"),
    ("arcsecond", "″"),
    ("minute", "min"),
    ("hour", "h"),
    ("day", "d"),
    ("litre", "l"),
    ("liter", "L"),
    ("tonne", "t"),
    ("hectare", "ha"),
    ("electronvolt", "eV"),
    ("dalton", "Da"),
    ("astronomicalunit", "au"),
    ("bar", "bar"),
    ("bel", "B"),
    ("decibel", "dB"),
    ("neper", "Np"),
    ("percent", "%"),
    ("bit", "bit"),
    ("byte", "B"),
    ("radian", "rad"),
    ("steradian", "sr"),
    ("angstrom", "Å"),
    ("molar", "M"),
    ("calorie", "cal"),
    ("parsec", "pc"),
    ("atmosphere", "atm"),
    ("mmHg", "mmHg"),
    ("micron", "µm"),
    ("lightyear", "ly"),
    ("knot", "kn"),
    ("kWh", "kWh"),
    ("um", "µm"),
    ("us", "µs"),
    ("ug", "µg"),
    ("degC", "°C"),
];

/// Expands the command `name` with its arguments.
pub(super) fn written(name: &str, reader: &mut TexReader<'_>) -> Option<String> {
    match name {
        "num" => number(reader.argument()?),
        "ang" => Some(angle(reader.argument()?)),
        "unit" | "si" => unit(reader.argument()?),
        "qty" | "SI" => {
            let number = number(reader.argument()?)?;
            let _options = reader.optional();
            quantity(&number, reader.argument()?)
        }
        "numrange" => Some(format!(
            "{}\\text{{–}}{}",
            number(reader.argument()?)?,
            number(reader.argument()?)?
        )),
        _ => {
            let (from, to) = (number(reader.argument()?)?, number(reader.argument()?)?);
            quantity(&format!("{from}\\text{{–}}{to}"), reader.argument()?)
        }
    }
}

fn quantity(number: &str, typed: &str) -> Option<String> {
    let unit = unit(typed)?;
    // No space before degrees, minutes and seconds.
    let space = if ["\\text{°}", "\\text{′}", "\\text{″}"].contains(&unit.as_str())
        || unit.is_empty()
    {
        ""
    } else {
        "\\,"
    };
    Some(format!("{number}{space}{unit}"))
}

/// A number as `1.5e3`, `3 x 10^4`, `5 +- 1`.
fn number(typed: &str) -> Option<String> {
    let compact: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '~').collect();
    let compact =
        compact.replace("+-", "\\pm ").replace('±', "\\pm ").replace(['x', '*'], "\\times ");
    let Some(at) = compact.find(['e', 'E', 'd', 'D']).filter(|at| is_exponent(&compact, *at))
    else {
        return Some(compact);
    };
    let (number, power) = (&compact[..at], compact[at + 1..].trim_start_matches('+'));
    let times = if number.is_empty() || number == "-" { "" } else { "\\times " };
    Some(format!("{number}{times}10^{{{power}}}"))
}

fn is_exponent(text: &str, at: usize) -> bool {
    let power = text[at + 1..].trim_start_matches(['+', '-']);
    !text[..at].contains('\\')
        && !power.is_empty()
        && power.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// An angle as `30` or `30;15;5`.
fn angle(typed: &str) -> String {
    let parts = typed.split(';').zip(["°", "′", "″"]).filter(|(part, _)| !part.trim().is_empty());
    parts.map(|(part, sign)| format!("{}\\text{{{sign}}}", part.trim())).collect()
}

/// A unit in commands or in plain notation, such as `m/s^2`.
fn unit(typed: &str) -> Option<String> {
    let (mut reader, mut parts, mut symbol) =
        (TexReader::new(typed), Vec::<String>::new(), String::new());
    let (mut per, mut power) = (false, None::<String>);
    while !reader.rest.is_empty() {
        let start = reader.rest;
        match reader.token()? {
            Token::Command("per") => per = true,
            Token::Command("square") => power = Some("2".to_owned()),
            Token::Command("cubic") => power = Some("3".to_owned()),
            Token::Command("squared") => raise(parts.last_mut()?, "2"),
            Token::Command("cubed") => raise(parts.last_mut()?, "3"),
            Token::Command("tothe" | "raiseto") => raise(parts.last_mut()?, reader.argument()?),
            Token::Command("of") => {
                let of = reader.argument()?;
                parts.last_mut()?.push_str(&format!("_{{\\text{{{of}}}}}"));
            }
            Token::Command(name) => match PREFIXES.iter().find(|(prefix, _)| *prefix == name) {
                Some((_, prefix)) => symbol.push_str(prefix),
                None => {
                    symbol.push_str(
                        UNITS
                            .iter()
                            .find(|(unit, _)| *unit == name)
                            .map_or(name, |(_, short)| *short),
                    );
                    add(&mut parts, &mut symbol, &mut per, &mut power);
                }
            },
            Token::Char(c) if c.is_alphabetic() || matches!(c, '°' | '%' | '′' | '″') => {
                let length = start
                    .find(|c: char| !c.is_alphabetic() && !matches!(c, '°' | '%'))
                    .unwrap_or(start.len())
                    .max(c.len_utf8());
                symbol.push_str(&start[..length]);
                reader.rest = &start[length..];
                add(&mut parts, &mut symbol, &mut per, &mut power);
            }
            Token::Symbol('%') => {
                symbol.push('%');
                add(&mut parts, &mut symbol, &mut per, &mut power);
            }
            Token::Char('^') => raise(parts.last_mut()?, reader.argument()?),
            Token::Char('/') => per = true,
            Token::Group(inside) => parts.push(unit(inside)?),
            Token::Char('1') if reader.rest.starts_with('/') => {}
            Token::Char(' ' | '.' | '·' | '~' | '*') | Token::Symbol(_) => {}
            Token::Char(_) => return None,
        }
    }
    Some(parts.join("\\,"))
}

fn add(parts: &mut Vec<String>, symbol: &mut String, per: &mut bool, power: &mut Option<String>) {
    let mut part = format!("\\text{{{}}}", symbol.replace('%', "\\%"));
    match (std::mem::take(per), power.take()) {
        (true, power) => part.push_str(&format!("^{{-{}}}", power.as_deref().unwrap_or("1"))),
        (false, Some(power)) => part.push_str(&format!("^{{{power}}}")),
        (false, None) => {}
    }
    parts.push(part);
    symbol.clear();
}

/// Raises a unit that may already have a negative exponent.
fn raise(part: &mut String, power: &str) {
    if let Some(base) = part.strip_suffix("^{-1}") {
        *part = format!("{base}^{{-{}}}", power.trim_start_matches('-'));
    } else {
        part.push_str(&format!("^{{{power}}}"));
    }
}
